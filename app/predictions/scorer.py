"""From validated features to an answer with its reasons. No Flask inside."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from math import exp
from typing import Any

from model.features import Contract, Feature
from model.scorecard import Scorecard, probability

DEFAULT_REASONS = 5


class Scorer:
    """Scores customers with one release's scorecard.

    Args:
        scorecard: the terms and the policies' thresholds.
        contract: names and units, for the words of the reasons.
    """

    def __init__(self, scorecard: Scorecard, contract: Contract) -> None:
        self.scorecard = scorecard
        self._names = contract.names
        self._policies = {
            name: (threshold, {"name": name, "threshold": threshold})
            for name, threshold in scorecard.policies.items()
        }
        self._terms = [
            (
                " x ".join(term.features),
                term.features,
                [_words(contract.by_name[name]) for name in term.features],
            )
            for term in scorecard.terms
        ]
        # Customers share most values, and so their reasons. `typed`: 1 is not True, nor 1.0.
        self._reason = lru_cache(maxsize=4096, typed=True)(self._new_reason)

    def policy(self, name: str) -> dict[str, Any]:
        """A policy as answers state it: name and threshold."""
        return self._policies[name][1]

    def score(
        self, features: Mapping[str, Any], policy: str = "default", most: int = DEFAULT_REASONS
    ) -> dict[str, Any]:
        """Score one customer.

        Args:
            features: values by name, already held against the contract.
            policy: whose threshold decides.
            most: how many reasons to give at the most.

        Returns:
            The answer of `POST /predict`. Baseline, listed effects and other effects add up to
            the logit of `churn_probability`.
        """
        scorecard = self.scorecard
        effects = scorecard.effects(features)
        total = sum(effects)
        churn = probability(scorecard.intercept + total)
        threshold, decision = self._policies[policy]
        churns = churn >= threshold
        sizes = list(map(abs, effects))
        order = sorted(range(len(effects)), key=sizes.__getitem__, reverse=True)[:most]
        listed = [i for i in order if effects[i]]
        return {
            "prediction": "churn" if churns else "no_churn",
            "confidence": churn if churns else 1.0 - churn,
            "churn_probability": churn,
            "model_version": scorecard.version,
            "policy": decision,
            "baseline": scorecard.intercept,
            "reasons": [
                self._reason(i, effects[i], *map(features.get, self._terms[i][1])) for i in listed
            ],
            "other_effects": total - sum([effects[i] for i in listed]),
            "missing_features": [n for n in self._names if features.get(n) is None],
        }

    def _new_reason(self, index: int, effect: float, *values: Any) -> dict[str, Any]:
        name, _, words = self._terms[index]
        what = " and ".join([word(value) for word, value in zip(words, values, strict=True)])
        return {
            "feature": name,
            "value": values[0] if len(values) == 1 else list(values),
            "effect": effect,
            "text": f"{what}: odds of leaving {_times(exp(effect))} the average customer's",
        }


def _times(ratio: float) -> str:
    return f"{ratio:.1f} times" if ratio >= 10 else f"{ratio:.2g} times"


def _words(feature: Feature) -> Any:
    """A function from a value to words.

    `Month-to-month contract`, `Tenure 12 months`, `Partner (no)`, `Total charges not known`.
    """
    label = feature.label
    within = label if label[:2].isupper() else label[0].lower() + label[1:]
    unit = f" {feature.unit}" if feature.unit else ""
    yes_or_no = feature.type == "boolean" or "Yes" in feature.values

    def words(value: Any) -> str:
        if value is None:
            return f"{label} not known"
        if yes_or_no:
            said = ("no", "yes")[value] if type(value) is bool else value.lower()
            return f"{label} ({said})"
        if type(value) is str:
            return f"{value} {within}"
        if type(value) is float and value.is_integer():
            value = int(value)
        return f"{label} {value}{unit}"

    return words
