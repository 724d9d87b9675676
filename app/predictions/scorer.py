"""Turns validated features into an answer with its reasons. No Flask inside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.predictions.reasons import reason_of_bin, reason_of_term
from model.factor_model import COVERAGE, Get
from model.features import Contract, Value
from model.ranked_points import RankedPoints, flat
from model.scorecard import Scorecard, probability

DEFAULT_REASONS = 5


class PolicyError(ValueError):
    """The release has no such policy; the message names those that it has."""


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
            name: {"name": name, "threshold": threshold}
            for name, threshold in scorecard.policies.items()
        }
        # A term without points, of which training found nothing to say, takes time all the same.
        terms = [term for term in scorecard.terms if any(flat(term.points))]
        self._ranked = RankedPoints(terms, contract)
        reasons = [reason_of_term(term, contract) for term in terms]
        self._reasons = [reasons[cell.term] for cell in self._ranked.cells]
        self._ready = [
            reason_of_bin(terms[cell.term], cell.bin, reasons[cell.term])
            for cell in self._ranked.cells
        ]
        self._has_rare_values = bool(scorecard.factors and scorecard.factors.rare)

    def policy(self, name: str) -> dict[str, Any]:
        """Return a policy as answers state it: name and threshold.

        Raises:
            PolicyError: the release has none of that name.
        """
        try:
            return self._policies[name]
        except KeyError:
            raise PolicyError(
                f"Release {self.scorecard.version} has no policy {name[:64]}; "
                f"give one of {', '.join(self._policies)}"
            ) from None

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

        Raises:
            PolicyError: the release has no policy of that name.
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
        decision = self.policy(policy)
        threshold = decision["threshold"]
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
