"""What the model would say of a customer with other values. No Flask inside.

The model knows which customers left, not why: it says nothing of what a change would cause.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.predictions.web.risk_words import odds, percent, short_reason
from model.features import Contract, Value

NO_EFFECT = odds(0.0)


@dataclass(frozen=True)
class Difference:
    """A reason with the values as they are, and with the others; each in words with its effect."""

    before: str
    effect: str
    after: str
    other_effect: str


@dataclass(frozen=True)
class Outcome:
    """The answer to a what-if.

    Attributes:
        values: the actionable ones that the reader sent, by feature.
        said: the answer in a sentence, or why there is none.
        differences: the reasons that differ.
        refused: whether a value cannot be used.
    """

    values: dict[str, Value]
    said: str
    differences: list[Difference]
    refused: bool = False


def outcome(
    before: dict[str, Any], after: dict[str, Any], values: dict[str, Value], contract: Contract
) -> Outcome:
    """Compare two answers of `POST /predict` that list all reasons."""
    was, now = percent(before["churn_probability"]), percent(after["churn_probability"])
    said = f"With these values the model would say {now}"
    said += ", as it does now." if was == now else f" instead of {was}."
    return Outcome(values, said, _differences(before, after, contract))


def _differences(
    before: dict[str, Any], after: dict[str, Any], contract: Contract
) -> list[Difference]:
    was, now = _by_feature(before), _by_feature(after)
    found = []
    for feature in {**was, **now}:
        one, other = was.get(feature), now.get(feature)
        if (one and one["effect"]) != (other and other["effect"]):
            found.append(Difference(*_words(one, contract), *_words(other, contract)))
    effects = before["unknown"]["effect"], after["unknown"]["effect"]
    if effects[0] != effects[1]:
        name = "What isn't known"
        found.append(Difference(name, odds(effects[0]), name, odds(effects[1])))
    return found


def _by_feature(scored: dict[str, Any]) -> Mapping[str, dict[str, Any]]:
    return {reason["feature"]: reason for reason in scored["reasons"]}


def _words(reason: dict[str, Any] | None, contract: Contract) -> tuple[str, str]:
    """Return a reason and its effect in words; an answer leaves out those without effect."""
    if reason is None:
        return "No effect", NO_EFFECT
    return short_reason(reason, contract), odds(reason["effect"])
