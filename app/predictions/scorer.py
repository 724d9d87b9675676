"""Turns validated features into an answer with its reasons. No Flask inside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.predictions.inference_choice import InferenceChoice
from app.predictions.reasons import reason_of_bin, reason_of_term
from model.factor_model import COVERAGE
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
        factors = scorecard.factors
        self._has_rare_values = bool(factors and factors.rare)
        self._inference = InferenceChoice(factors, contract) if factors else None

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
        answers: list[dict[str, Any]] = []
        lacking: list[tuple[dict[str, Any], Mapping[str, Value], float]] = []
        for features in customers:
            if len(features) < len(nothing):
                features = {**nothing, **features}  # noqa: PLW2901
            places, effects, complete = find(features)
            known = intercept + effects
            churn = probability(known)
            places.sort()
            churns = churn >= threshold
            answer: dict[str, Any] = {
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
                "missing_features": [],
                "unknown": _unknown([], 0.0, [churn, churn], None),
            }
            answers.append(answer)
            if not complete or self._has_rare_values:
                answer["missing_features"] = [n for n in self._names if features[n] is None]
                lacking.append((answer, features, known))
        if lacking:
            self._complete(lacking, threshold)
        return answers

    def _complete(
        self, lacking: list[tuple[dict[str, Any], Mapping[str, Value], float]], threshold: float
    ) -> None:
        """Put into answers what the unknown features change.

        Args:
            lacking: answers as if nothing were unknown, features, intercept plus effects.
            threshold: decides.
        """
        if self._inference is None:
            for answer, _, _ in lacking:
                answer["unknown"] = _unknown(answer["missing_features"], 0.0, None, None)
            return
        known = [effects for _, _, effects in lacking]
        inferred = self._inference.infer([features for _, features, _ in lacking], known)
        for (answer, _, effects), found in zip(lacking, inferred, strict=True):
            if found is None:  # all that is missing has points of its own
                continue
            churn = probability(found.log_odds)
            churns = churn >= threshold
            ends = [probability(found.low), probability(found.high)]
            answer["prediction"] = "churn" if churns else "no_churn"
            answer["confidence"] = churn if churns else 1.0 - churn
            answer["churn_probability"] = churn
            answer["unknown"] = _unknown(
                found.features, found.log_odds - effects, ends, found.ask_next
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
