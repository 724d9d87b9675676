"""Puts the reasons for a score into words."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from math import exp
from typing import Any

from model.features import Contract, Feature, Value
from model.scorecard import Term

Reason = Callable[[Mapping[str, Value]], dict[str, Any]]

MOST_KEPT = 1024
"""Reasons kept for each term."""


def reason_of_term(term: Term, contract: Contract) -> Reason:
    """Return a function from a customer, every feature given or None, to the term's reason."""
    reasons = _Reasons(term, contract)
    if len(term.features) > 1:
        first, second = term.features
        return lambda features: reasons[features[first], features[second]]
    (name,) = term.features
    return lambda features: reasons[features[name]]


def reason_of_bin(term: Term, number: int, reason: Reason) -> dict[str, Any] | None:
    """Return the reason that all customers of a bin share, or None if their values differ."""
    if len(term.features) > 1 or not term.bins[0].values:
        return None
    return reason({term.features[0]: (*term.bins[0].values, None)[number]})


class _Reasons(dict[Any, dict[str, Any]]):
    """The reasons of one term by value, or by both values of a pair; customers share most of them.

    Each value is written in one form, so that the answer is the same for 12 and 12.0.
    """

    def __init__(self, term: Term, contract: Contract) -> None:
        super().__init__()
        self._term = term
        self._features = [contract.by_name[name] for name in term.features]
        self._words = [words_of(feature) for feature in self._features]

    def __missing__(self, given: Any) -> dict[str, Any]:
        if len(self) >= MOST_KEPT:
            self.clear()
        found = given if type(given) is tuple else (given,)
        values = [f.canonical(v) for f, v in zip(self._features, found, strict=True)]
        effect = self._term.effect(dict(zip(self._term.features, values, strict=True)).get)
        what = " and ".join([word(v) for word, v in zip(self._words, values, strict=True)])
        reason = self[given] = {
            "feature": " x ".join(self._term.features),
            "value": values[0] if len(values) == 1 else values,
            "effect": effect,
            "text": f"{what}: {odds_words(exp(effect))}",
        }
        return reason


_PLURAL = re.compile(r"(?<=[a-z]{2}[^psu])s$")
"""The plural s of months, dollars, days; not the s of bps, mass, radius."""


def odds_words(ratio: float) -> str:
    """Say how odds compare with the average customer's."""
    times = f"{ratio:.1f}" if ratio >= 10 else f"{ratio:.2g}"
    return f"odds of leaving {times} times the average customer's"


def words_of(feature: Feature) -> Callable[[Value], str]:
    """Return a function from a value to words.

    `Month-to-month contract`, `Tenure 12 months`, `Partner (no)`, `Total charges not known`.
    """
    label = feature.label
    within = label if label[:2].isupper() else label[0].lower() + label[1:]
    unit = f" {feature.unit}" if feature.unit else ""
    one = _PLURAL.sub("", unit)
    yes_or_no = feature.type == "boolean" or "Yes" in feature.values

    def words(value: Value) -> str:
        if value is None:
            return f"{label} not known"
        if yes_or_no:
            said = ("no", "yes")[value] if isinstance(value, bool) else str(value).lower()
            return f"{label} ({said})"
        if type(value) is str:
            return f"{value} {within}"
        if type(value) is float and value.is_integer():
            value = int(value)
        return f"{label} {value}{one if value == 1 else unit}"

    return words
