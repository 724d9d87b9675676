"""The features as a typed pydantic model, which both FastAPI applications take."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, create_model

from model.feature_file import load_contract
from model.features import Feature

CONTRACT = load_contract()


def _annotation(feature: Feature) -> Any:
    kind: Any
    if feature.type == "category":
        return Literal[tuple(feature.values)]
    if feature.type == "boolean":
        return StrictBool
    kind = int if feature.type == "integer" else float
    return kind


def _field(feature: Feature) -> tuple[Any, Any]:
    bounds: dict[str, Any] = {}
    if feature.type in ("integer", "number"):
        bounds = {"ge": feature.minimum, "le": feature.maximum, "strict": True}
    kind = _annotation(feature)
    if feature.required:
        return kind, Field(**bounds)
    return kind | None, Field(default=None, **bounds)


Features: type[BaseModel] = create_model(
    "Features",
    __config__=ConfigDict(extra="forbid"),
    **{feature.name: _field(feature) for feature in CONTRACT.features},
)


class Customer(BaseModel):
    """The body of a prediction."""

    model_config = ConfigDict(extra="forbid")

    features: Features  # type: ignore[valid-type]
    policy: Literal["default", "high_precision", "high_recall"] = "default"


class Identified(BaseModel):
    """One customer of a batch."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field(min_length=1, max_length=64)
    features: Features  # type: ignore[valid-type]


class Batch(BaseModel):
    """The body of a batch."""

    model_config = ConfigDict(extra="forbid")

    customers: list[Identified] = Field(min_length=1, max_length=1000)
    policy: Literal["default", "high_precision", "high_recall"] = "default"


class Policy(BaseModel):
    """The decision's policy."""

    name: str
    threshold: float


class Reason(BaseModel):
    """One reason of a score."""

    feature: str
    value: str | bool | int | float | None
    effect: float
    text: str


class Unknown(BaseModel):
    """What the unknown features change."""

    features: list[str]
    effect: float
    range: tuple[float, float] | None
    coverage: float | None
    ask_next: str | None


class Answer(BaseModel):
    """The answer of a prediction with reasons."""

    prediction: str
    confidence: float
    churn_probability: float
    model_version: str
    policy: Policy
    baseline: float
    reasons: list[Reason]
    other_effects: float
    missing_features: list[str]
    unknown: Unknown


class IdentifiedAnswer(Answer):
    """The prediction of one customer of a batch."""

    id: str


class BatchAnswer(BaseModel):
    """The answer of a batch."""

    model_version: str
    policy: Policy
    predictions: list[IdentifiedAnswer]
