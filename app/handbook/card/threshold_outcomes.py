"""What each threshold of a release does: customers called, leavers caught, calls wasted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.handbook.card.number_format import money

Row = Mapping[str, float | None]
"""One row of `calibration` or `curve` in `evaluation.json`."""

CUSTOMERS = 1000


@dataclass(frozen=True)
class Outcome:
    """What happens to a thousand customers at one threshold."""

    threshold: float
    flagged: float
    precision: float | None
    recall: float
    base_rate: float
    """The share of all customers who left."""

    profit: float | None = None
    """Expected per customer, in the currency; None without economics."""

    @property
    def called(self) -> int:
        """The flagged customers."""
        return round(CUSTOMERS * self.flagged)

    @property
    def leavers(self) -> int:
        """The customers who left."""
        return round(CUSTOMERS * self.base_rate)

    @property
    def caught(self) -> int:
        """The flagged customers who left."""
        return min(round(CUSTOMERS * self.base_rate * self.recall), self.called)

    @property
    def wasted(self) -> int:
        """The flagged customers who stayed."""
        return self.called - self.caught

    @property
    def brings(self) -> str:
        """The expected profit of a thousand customers, in three digits, or empty."""
        return "" if self.profit is None else money(CUSTOMERS * self.profit)

    @property
    def false_positive_rate(self) -> float:
        """The share of those who stayed that is flagged."""
        return self.flagged * (1 - (self.precision or 0)) / (1 - self.base_rate)


def outcomes(curve: Sequence[Row]) -> list[Outcome]:
    """Return what each threshold does, by rising threshold.

    Args:
        curve: of the evaluation. The lowest threshold has a precision.
    """
    if not curve:
        return []
    lowest = curve[0]
    base = float(lowest["flagged"] or 0) * float(lowest["precision"] or 0)
    base /= float(lowest["recall"] or 1)
    return [
        Outcome(
            float(row["threshold"] or 0),
            float(row["flagged"] or 0),
            row["precision"],
            float(row["recall"] or 0),
            base,
            row.get("profit"),
        )
        for row in curve
    ]


def at(found: Sequence[Outcome], threshold: float) -> Outcome | None:
    """Return what this threshold does, if it was measured."""
    return next((outcome for outcome in found if outcome.threshold == threshold), None)
