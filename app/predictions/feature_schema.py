"""The marshmallow schema of a customer's features, made from the contract."""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from app.releases.contract import CONTRACT
from model.features import Contract, Feature


def _feature_field(contract: Contract, feature: Feature) -> fields.Field[Any]:
    """A marshmallow field that refuses what `Contract.fault` refuses, in the same words."""
    base: Callable[..., fields.Field[Any]]
    rules: list[validate.Validator] = []
    if feature.type == "category":
        base, rules = fields.String, [validate.OneOf(feature.values)]
    elif feature.type == "boolean":
        base = fields.Boolean
    else:
        base = fields.Float if feature.type == "number" else fields.Integer
        rules = [validate.Range(min=feature.minimum, max=feature.maximum)]

    class Strict(base):  # type: ignore[misc,valid-type]
        def _deserialize(self, value: Any, *_: Any, **__: Any) -> Any:
            if fault := contract.fault(feature.name, value):
                raise ma.ValidationError(fault)
            return value

    Strict.__name__ = base.__name__
    unit = f" Unit: {feature.unit}." if feature.unit else ""
    return Strict(
        required=feature.required,
        allow_none=not feature.required,
        validate=rules,  # for the OpenAPI document; `fault` has refused the rest by then
        metadata={"description": feature.description + unit, "examples": [feature.example]},
        error_messages={
            "required": "This feature is required",
            "null": "This feature is required and cannot be null",
        },
    )


MAX_SUGGESTIONS = 50
"""Names that are no features which are compared with those that are, of each customer."""

_UNKNOWN = "There is no such feature; the schema at /docs lists them"


class FeaturesBase(ma.Schema):
    """Names what an unknown feature may have meant."""

    error_messages = {"type": "Give an object of features by name"}  # noqa: RUF012

    def handle_error(self, error: ma.ValidationError, data: Any, **_: Any) -> None:
        """Replace marshmallow's words for names that are not features."""
        sent = data if isinstance(data, dict) else {}
        unknown = [n for n in error.messages_dict if n not in self.fields and n in sent]
        for name in unknown[MAX_SUGGESTIONS:]:
            error.messages_dict[name] = [_UNKNOWN]
        for name in unknown[:MAX_SUGGESTIONS]:
            close = get_close_matches(str(name), list(self.fields), n=1)
            error.messages_dict[name] = [
                f"There is no such feature; did you mean {close[0]}?" if close else _UNKNOWN
            ]


def features_schema(contract: Contract) -> type[ma.Schema]:
    """The marshmallow schema of a customer's features, made from the contract."""
    return FeaturesBase.from_dict(
        {feature.name: _feature_field(contract, feature) for feature in contract.features},
        name="Features",
    )


Features = features_schema(CONTRACT)


def features_field() -> fields.Field[Any]:
    """The field `features` of a body."""
    return fields.Nested(
        Features(),
        required=True,
        error_messages={"required": "Give the customer's features"},
        metadata={
            "description": "What is known of the customer; features not known may be left out"
        },
    )
