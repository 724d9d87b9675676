"""Lays out a score as a waterfall, from the average customer to this one. No Flask inside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate, pairwise
from math import fsum, log
from typing import Any

from app.predictions.web.risk_words import odds, percent, short_reason
from model.features import Contract
from model.scorecard import probability

MOST_ROWS = 8
"""Reasons drawn one by one; the smaller ones are one row together. The table has all of them."""

EVERYTHING_ELSE = "Everything else"

MARKS = (0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99)
"""Probabilities that the scale may name."""

EVERY_REASON = 1000
"""More reasons than a model has terms: what a waterfall is made of."""

GAP = 14.0
"""Least distance between two marks of the scale."""

MARGIN = 8.0
"""Room on each side of the drawing."""


@dataclass(frozen=True)
class Row:
    """One bar.

    Attributes:
        label: such as `Month-to-month contract`.
        effect: in log-odds.
        reached: the probability with this effect and all before it.
        start, end: positions.
    """

    label: str
    effect: float
    reached: float
    start: float
    end: float

    @property
    def left(self) -> float:
        """Where the bar begins, seen from the left."""
        return min(self.start, self.end)

    @property
    def width(self) -> float:
        """How wide the bar is; never too narrow to be seen."""
        return max(round(abs(self.end - self.start), 2), 0.4)


@dataclass(frozen=True)
class Waterfall:
    """A drawing; positions are in percent of its width, on a scale of log-odds.

    Attributes:
        baseline: the average customer's log-odds.
        average: the average customer's probability.
        log_odds: this customer's.
        churn: this customer's probability.
        rows: what is drawn. Baseline and effects add up to `log_odds`.
        table: the same effects with each reason by itself, each with its label.
        zero: where the average customer is.
        end: where this customer is.
        ends: where the ends of the range are, if something is unknown.
        marks: of the scale, each its position and its words.
        summary: the drawing in words.
    """

    baseline: float
    average: float
    log_odds: float
    churn: float
    rows: list[Row]
    table: list[tuple[str, float]]
    zero: float
    end: float
    ends: list[float]
    marks: list[tuple[float, str]]
    summary: str


def waterfall(scored: dict[str, Any], contract: Contract) -> Waterfall:
    """Lay out an answer of `POST /predict` that lists all reasons.

    Args:
        scored: the answer.
        contract: of the release that scored.
    """
    baseline, unknown = scored["baseline"], scored["unknown"]
    reasons = [(short_reason(reason, contract), reason["effect"]) for reason in scored["reasons"]]
    drawn, small = reasons[:MOST_ROWS], reasons[MOST_ROWS:]
    count = len(unknown["features"])
    not_known = f"{count} feature{'' if count == 1 else 's'} not known"
    last = [(not_known, unknown["effect"])] if unknown["effect"] else []
    effects = [*drawn, *_together(small), *last]
    ends = [_logit(end) for end in unknown["range"]] if count and unknown["range"] else []
    sums = [*accumulate((effect for _, effect in effects), initial=baseline)]
    at = _scale([*sums, *ends])
    rows = [
        Row(label, effect, probability(after), at(before), at(after))
        for (label, effect), (before, after) in zip(effects, pairwise(sums), strict=True)
    ]
    return Waterfall(
        baseline=baseline,
        average=probability(baseline),
        log_odds=sums[-1],
        churn=scored["churn_probability"],
        rows=rows,
        table=[*reasons, *last],
        zero=at(baseline),
        end=at(sums[-1]),
        ends=[at(end) for end in ends],
        marks=_marks(at),
        summary=_summary(probability(baseline), rows, scored),
    )


def _together(small: list[tuple[str, float]]) -> list[tuple[str, float]]:
    return [(EVERYTHING_ELSE, fsum(effect for _, effect in small))] if small else []


def _logit(churn: float) -> float:
    return log(churn / (1.0 - churn)) if 0.0 < churn < 1.0 else 36.0 if churn else -36.0


def _scale(sums: list[float]) -> Callable[[float], float]:
    """Return a function from log-odds to a position, on a scale that holds all of `sums`."""
    low, high = min(sums), max(sums)
    room = max(high - low, 1.0)
    return lambda value: round(MARGIN + (value - low) / room * (100 - 2 * MARGIN), 2)


def _marks(at: Callable[[float], float]) -> list[tuple[float, str]]:
    marks: list[tuple[float, str]] = []
    for churn in MARKS:
        place = at(_logit(churn))
        if MARGIN / 2 <= place <= 100 - MARGIN / 2 and (not marks or place - marks[-1][0] >= GAP):
            marks.append((place, percent(churn)))
    return marks


def _summary(average: float, rows: list[Row], scored: dict[str, Any]) -> str:
    effects = ", ".join(f"{row.label} {odds(row.effect)}" for row in rows)
    summary = (
        f"From the average customer, {percent(average)}, to this one, "
        f"{percent(scored['churn_probability'])}: {effects or 'no effects'}."
    )
    unknown = scored["unknown"]
    if unknown["features"] and unknown["range"]:
        low, high = map(percent, unknown["range"])
        summary += f" If all were known: {low} to {high} in nine of ten cases."
    return summary
