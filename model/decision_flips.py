"""Finds customers whose decision another scorecard changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from model.scorecard import Scorecard, probability

SHOWN = 20
"""Customers that are kept with what moved them."""

UNKNOWN, INTERCEPT = "unknown features", "intercept"
"""What can move a score beside the terms."""

LEAST = 1e-9
"""Log-odds below which nothing moved: the thresholds did."""


@dataclass
class PolicyFlips:
    """Counts of one policy.

    Attributes:
        before: customers that it flags by the first scorecard; None if that has no such policy.
        after: the same by the second.
        to_churn: flagged only by the second; 0 unless both have the policy.
        to_no_churn: flagged only by the first; 0 unless both have the policy.
    """

    before: int | None
    after: int | None
    to_churn: int = 0
    to_no_churn: int = 0


@dataclass(frozen=True)
class Flip:
    """One customer whose decision changes.

    Attributes:
        id: the customer's.
        policies: those that decide otherwise; True if they flag the customer now.
        before: probability by the first scorecard.
        after: probability by the second.
        moved: the term that moved most, or UNKNOWN or INTERCEPT; None if only thresholds did.
        effect: by how many log-odds it moved.
    """

    id: str
    policies: dict[str, bool]
    before: float
    after: float
    moved: str | None
    effect: float


@dataclass
class Flips:
    """What two scorecards decide about the same customers.

    Args:
        before: the first scorecard.
        after: the second.
    """

    before: Scorecard
    after: Scorecard
    customers: int = 0
    changed: int = 0
    """Customers whose decision any policy changes."""

    policies: dict[str, PolicyFlips] = field(init=False)
    first: list[Flip] = field(default_factory=list)
    """The first of them."""

    def __post_init__(self) -> None:
        """Start every count at 0."""
        one, other = self.before.policies, self.after.policies
        self.policies = {
            name: PolicyFlips(0 if name in one else None, 0 if name in other else None)
            for name in {**one, **other}
        }

    def add(self, customer: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
        """Score a customer with both.

        Args:
            customer: the id.
            before: the features that the first contract has, which keep it.
            after: the features that the second contract has, which keep it.
        """
        one = probability(self.before.log_odds(before))
        other = probability(self.after.log_odds(after))
        self.customers += 1
        flipped = {}
        for name, counts in self.policies.items():
            was = self._flags(counts.before, one, self.before, name)
            now = self._flags(counts.after, other, self.after, name)
            if counts.before is not None:
                counts.before += was
            if counts.after is not None:
                counts.after += now
            if counts.before is not None and counts.after is not None and was != now:
                counts.to_churn += now
                counts.to_no_churn += was
                flipped[name] = now
        if flipped:
            self.changed += 1
            if len(self.first) < SHOWN:
                self.first.append(Flip(customer, flipped, one, other, *self._moved(before, after)))

    @staticmethod
    def _flags(count: int | None, chance: float, scorecard: Scorecard, policy: str) -> bool:
        return count is not None and chance >= scorecard.policies[policy]

    def _moved(
        self, before: Mapping[str, Any], after: Mapping[str, Any]
    ) -> tuple[str | None, float]:
        one, other = _parts(self.before, before), _parts(self.after, after)
        moves = {name: other.get(name, 0.0) - one.get(name, 0.0) for name in {**one, **other}}
        most = max(moves, key=lambda name: abs(moves[name]))
        return (most, moves[most]) if abs(moves[most]) > LEAST else (None, 0.0)


def _parts(scorecard: Scorecard, features: Mapping[str, Any]) -> dict[str, float]:
    """Return what adds up to a customer's log-odds, by name."""
    effects = scorecard.effects(features)
    names = [" x ".join(term.features) for term in scorecard.terms]
    unknown = scorecard.log_odds(features) - scorecard.intercept - sum(effects)
    return {
        **dict(zip(names, effects, strict=True)),
        UNKNOWN: unknown,
        INTERCEPT: scorecard.intercept,
    }
