"""The marshmallow schema of a customer's features, made from the contract."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import marshmallow as ma
from marshmallow import fields

from model.features import NO_SUCH_FEATURE, Contract, Feature

MAX_SUGGESTIONS = 50
"""Unknown names of each customer that get a suggestion; comparing takes long."""


class FeatureField(fields.Field[Any]):
    """A value that the feature accepts; described to OpenAPI by its type and limits."""

    def __init__(self, feature: Feature) -> None:
        self.feature = feature
        described: dict[str, Any] = {"type": feature.type}
        if feature.type == "category":
            values = [*feature.values] if feature.required else [*feature.values, None]
            described = {"type": "string", "enum": values}
        elif feature.type != "boolean":
            described |= {"minimum": feature.minimum, "maximum": feature.maximum}
        unit = f" Unit: {feature.unit}." if feature.unit else ""
        described |= {"description": feature.description + unit, "examples": [feature.example]}
        super().__init__(
            required=feature.required,
            allow_none=not feature.required,
            metadata=described,
            error_messages={
                "required": "This feature is required",
                "null": feature.fault(None) or "",
            },
        )

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Any:
        if fault := self.feature.fault(value):
            raise ma.ValidationError(fault)
        return value


@lru_cache(maxsize=4)
def features_schema(contract: Contract) -> ma.Schema:
    """Make the schema of a customer's features, once for all bodies: it has one name."""

    class Features(ma.Schema):
        """Says what an unknown feature may have meant."""

        error_messages = {"type": "Give an object of features by name"}  # noqa: RUF012

        def handle_error(self, error: ma.ValidationError, data: Any, **_: Any) -> None:
            """Replace marshmallow's message for names that are not features."""
            sent = data if isinstance(data, dict) else {}
            unknown = [n for n in error.messages_dict if n not in self.fields and n in sent]
            for number, name in enumerate(unknown):
                close = number < MAX_SUGGESTIONS and contract.fault(str(name), None)
                error.messages_dict[name] = [close or NO_SUCH_FEATURE]

    described: dict[str, fields.Field[Any]] = {f.name: FeatureField(f) for f in contract.features}
    return Features.from_dict(described, name="Features")()


def features_field(contract: Contract) -> fields.Field[Any]:
    """Make the field `features` of a body."""
    return fields.Nested(
        features_schema(contract),
        required=True,
        error_messages={"required": "Give the customer's features"},
        metadata={
            "description": "What is known of the customer; features not known may be left out"
        },
    )
