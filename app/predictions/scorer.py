"""Turns validated features into an answer with its reasons. No Flask inside."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from math import exp
from typing import Any

from model.factor_model import COVERAGE, Get
from model.features import Contract, Feature, Value
from model.ranked_points import RankedPoints, flat
from model.scorecard import Scorecard, Term, probability

DEFAULT_REASONS = 5

Reason = Callable[[Mapping[str, Value]], dict[str, Any]]

MOST_KEPT = 1024
"""Reasons kept for each term."""


class Scorer:
    """Scores customers with one release's scorecard.

    Args:
        scorecard: the terms and the policies' thresholds.
        contract: names and units, for the text of the reasons.
    """

    def __init__(self, scorecard: Scorecard, contract: Contract) -> None:
        self.scorecard = scorecard
        self._names = contract.names
        self._nothing = contract.nothing
        self._policies = {
            name: (threshold, {"name": name, "threshold": threshold})
            for name, threshold in scorecard.policies.items()
        }
        # A term without points, of which training found nothing to say, takes time all the same.
        terms = [term for term in scorecard.terms if any(flat(term.points))]
        self._ranked = RankedPoints(terms, contract)
        reasons = [_reason(term, contract) for term in terms]
        self._reasons = [reasons[cell.term] for cell in self._ranked.cells]
        self._ready = [
            _reason_of_bin(terms[cell.term], cell.bin, reasons[cell.term])
            for cell in self._ranked.cells
        ]
        self._has_rare_values = bool(scorecard.factors and scorecard.factors.rare)

    def policy(self, name: str) -> dict[str, Any]:
        """Return a policy as answers state it: name and threshold."""
        return self._policies[name][1]

    def score(
        self, features: Mapping[str, Value], policy: str = "default", most: int = DEFAULT_REASONS
    ) -> dict[str, Any]:
        """Score one customer.

        Args:
            features: values by name, already checked against the contract.
            policy: its threshold decides.
            most: how many reasons to give at most.

        Returns:
            The answer of `POST /predict`. Baseline, listed effects, other effects and the effect of
            the unknown features add up to the logit of `churn_probability`.
        """
        return self.score_many((features,), policy, most)[0]

    def score_many(
        self,
        customers: Sequence[Mapping[str, Value]],
        policy: str = "default",
        most: int = DEFAULT_REASONS,
    ) -> list[dict[str, Any]]:
        """Score customers, each as `score` does."""
        version, intercept = self.scorecard.version, self.scorecard.intercept
        find, points, above_zero = self._ranked.find, self._ranked.points, self._ranked.above_zero
        ready, reasons, nothing = self._ready, self._reasons, self._nothing
        threshold, decision = self._policies[policy]
        answers = []
        for features in customers:
            if len(features) < len(nothing):
                features = {**nothing, **features}  # noqa: PLW2901
            places, effects, complete = find(features)
            known = intercept + effects
            if complete and not self._has_rare_values:
                missing: list[str] = []
                churn = probability(known)
                unknown = _unknown([], 0.0, [churn, churn], None)
            else:
                missing = [name for name in self._names if features[name] is None]
                churn, unknown = self._inferred(features.get, known, missing)
            places.sort()
            churns = churn >= threshold
            answers.append(
                {
                    "prediction": "churn" if churns else "no_churn",
                    "confidence": churn if churns else 1.0 - churn,
                    "churn_probability": churn,
                    "model_version": version,
                    "policy": decision,
                    "baseline": intercept,
                    "reasons": [
                        ready[place] or reasons[place](features)
                        for place in places[:most]
                        if place < above_zero
                    ],
                    "other_effects": sum([points[place] for place in places[most:]]),
                    "missing_features": missing,
                    "unknown": unknown,
                }
            )
        return answers

    def _inferred(self, get: Get, known: float, missing: list[str]) -> tuple[float, dict[str, Any]]:
        """Return the probability, and what the unknown features change."""
        factors = self.scorecard.factors
        if factors is None:
            churn = probability(known)
            return churn, _unknown(missing, 0.0, None, None)
        found = factors.infer(get, known)
        if found is None:  # all that is missing has points of its own
            churn = probability(known)
            return churn, _unknown([], 0.0, [churn, churn], None)
        ends = [probability(found.low), probability(found.high)]
        return probability(found.log_odds), _unknown(
            found.features, found.log_odds - known, ends, found.ask_next
        )


def _unknown(
    features: list[str], effect: float, ends: list[float] | None, ask_next: str | None
) -> dict[str, Any]:
    return {
        "features": features,
        "effect": effect,
        "range": ends,
        "coverage": COVERAGE if ends else None,
        "ask_next": ask_next,
    }


def _reason(term: Term, contract: Contract) -> Reason:
    """Return a function from a customer, every feature given or None, to the term's reason."""
    reasons = _Reasons(term, contract)
    if len(term.features) > 1:
        first, second = term.features
        return lambda features: reasons[features[first], features[second]]
    (name,) = term.features
    return lambda features: reasons[features[name]]


def _reason_of_bin(term: Term, number: int, reason: Reason) -> dict[str, Any] | None:
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
        self._words = [_words(feature) for feature in self._features]

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
            "text": f"{what}: odds of leaving {_times(exp(effect))} the average customer's",
        }
        return reason


_PLURAL = re.compile(r"(?<=[a-z]{2}[^psu])s$")
"""The plural s of months, dollars, days; not the s of bps, mass, radius."""


def _times(ratio: float) -> str:
    return f"{ratio:.1f} times" if ratio >= 10 else f"{ratio:.2g} times"


def _words(feature: Feature) -> Callable[[Value], str]:
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
