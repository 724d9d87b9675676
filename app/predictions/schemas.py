"""What the prediction API takes; the features come from `model/features.yaml`."""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from functools import cached_property
from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from app.arguments import WholeNumber
from app.predictions.bodies import (
    CONTRACT,
    ID,
    MAX_CUSTOMERS,
    POLICIES,
    read_batch,
    read_request,
)
from app.predictions.scorer import DEFAULT_REASONS
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


MAX_UNKNOWN = 50
"""Names that are no features which an answer lists, of each customer."""


class FeaturesBase(ma.Schema):
    """Names what an unknown feature may have meant."""

    error_messages = {"type": "Give an object of features by name"}  # noqa: RUF012

    def handle_error(self, error: ma.ValidationError, data: Any, **_: Any) -> None:
        """Replace marshmallow's words for names that are not features."""
        sent = data if isinstance(data, dict) else {}
        unknown = [n for n in error.messages_dict if n not in self.fields and n in sent]
        for name in unknown[MAX_UNKNOWN:]:
            del error.messages_dict[name]
        for name in unknown[:MAX_UNKNOWN]:
            close = get_close_matches(str(name), list(self.fields), n=1)
            error.messages_dict[name] = [
                f"There is no such feature; did you mean {close[0]}?"
                if close
                else "There is no such feature; the schema at /docs lists them"
            ]


def features_schema(contract: Contract) -> type[ma.Schema]:
    """The marshmallow schema of a customer's features, made from the contract."""
    return FeaturesBase.from_dict(
        {feature.name: _feature_field(contract, feature) for feature in contract.features},
        name="Features",
    )


Features = features_schema(CONTRACT)


def _features() -> fields.Field[Any]:
    return fields.Nested(
        Features(),
        required=True,
        error_messages={"required": "Give the customer's features"},
        metadata={
            "description": "What is known of the customer; features not known may be left out"
        },
    )


def policy_field() -> fields.Field[Any]:
    """The field `policy` of a body or query."""
    return fields.String(
        load_default="default",
        validate=validate.OneOf(POLICIES, error="Give one of {choices}"),
        error_messages={"invalid": "Give one of " + ", ".join(POLICIES)},
        metadata={
            "description": "Whose threshold decides between churn and no_churn: the model card has "
            "the precision and recall of each",
            "examples": ["default"],
        },
    )


class PredictionRequest(ma.Schema):
    """One customer to score."""

    error_messages = {  # noqa: RUF012
        "type": "Give an object with the member features",
        "unknown": "There is no such member; give features and, if wanted, policy",
    }

    features = _features()
    policy = policy_field()

    def load(self, data: Any, **kwargs: Any) -> Any:
        """Take a valid body in one pass; let marshmallow explain any other."""
        if (read := read_request(data)) is not None:
            return read
        return super().load(data, **kwargs)


def _is_id(text: str) -> None:
    if not ID.fullmatch(text):
        raise ma.ValidationError("Give 1 to 64 characters, none a control character")


class BatchCustomer(ma.Schema):
    """One customer of a batch."""

    error_messages = {  # noqa: RUF012
        "type": "Give an object with the members id and features",
        "unknown": "There is no such member; give id and features",
    }

    id = fields.String(
        required=True,
        validate=_is_id,
        error_messages={"required": "Give the id by which the answer names the customer"},
        metadata={
            "description": "Comes back with the prediction; not looked up",
            "examples": ["a-1"],
            "pattern": f"^{ID.pattern}$",
        },
    )
    features = _features()


_NUMBER = f"Give 1 to {MAX_CUSTOMERS} customers"


class BatchRequest(ma.Schema):
    """Customers to score in one request."""

    error_messages = {  # noqa: RUF012
        "type": "Give an object with the member customers",
        "unknown": "There is no such member; give customers and, if wanted, policy",
    }

    customers = fields.List(
        fields.Nested(BatchCustomer()),
        required=True,
        validate=validate.Length(1, MAX_CUSTOMERS, error=_NUMBER),
        metadata={"description": "The customers, each with an id of the caller's choice"},
        error_messages={"required": "Give the customers", "invalid": "Give a list of customers"},
    )
    policy = policy_field()

    def load(self, data: Any, **kwargs: Any) -> Any:
        """Take a valid body by column; let marshmallow explain any other."""
        if (read := read_batch(data)) is not None:
            return read
        customers = data.get("customers") if isinstance(data, dict) else None
        if isinstance(customers, list) and len(customers) > MAX_CUSTOMERS:
            raise ma.ValidationError({"customers": [_NUMBER]}, data=data)  # without a look at each
        return super().load(data, **kwargs)


class PredictionQuery(ma.Schema):
    """Options of an answer."""

    error_messages = {"unknown": "There is no such option; there are reasons and version"}  # noqa: RUF012

    reasons = WholeNumber(
        load_default=DEFAULT_REASONS,
        validate=validate.Range(min=0, max=100, error="Give a number from {min} to {max}"),
        metadata={
            "description": "How many reasons to give at the most; 0 for none",
            "examples": [3],
        },
    )
    version = fields.String(
        validate=validate.Length(1, 20),
        metadata={
            "description": "Score with this loaded release rather than the one in service; "
            "GET /models lists them",
            "examples": ["1.0.0"],
        },
    )

    def load(self, data: Any, **kwargs: Any) -> Any:
        """Answer an empty query, which most are, with the defaults."""
        return super().load(data, **kwargs) if data else self._defaults.copy()

    @cached_property
    def _defaults(self) -> dict[str, Any]:
        result: dict[str, Any] = super().load({})
        return result
