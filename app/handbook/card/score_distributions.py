"""How the scores of those who left and of those who stayed are distributed, for each group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.handbook.card.evaluation_plots import across
from app.handbook.card.number_format import number
from app.handbook.card.term_plots import steps

TOP, BOTTOM = 60, 172
"""In SVG units. The policies' names are above TOP, the axis is below BOTTOM."""


@dataclass(frozen=True)
class Distribution:
    """The scores of one group: those who left stand above the line, those who stayed below."""

    group: str
    customers: int
    left: str
    stayed: str
    """Paths of the bars."""

    foot: float
    """The line, in SVG units."""

    rows: list[tuple[str, str, str]]
    """As a table: range of the probability, how many stayed, how many left."""


def distributions(counted: Sequence[Mapping[str, Any]]) -> list[Distribution]:
    """Draw each group on one scale: shares of those who left, and of those who stayed.

    Args:
        counted: customers of each group in equal ranges of the probability, those who `stayed`
            and those who `left`.
    """
    left = [_shares(group["left"]) for group in counted]
    stayed = [_shares(group["stayed"]) for group in counted]
    above, below = (max((max(s) for s in shares), default=0) for shares in (left, stayed))
    unit = (BOTTOM - TOP) / ((above + below) or 1)
    foot = round(TOP + above * unit, 1)
    made = []
    for group, one, other in zip(counted, left, stayed, strict=True):
        size = len(one)
        ends = [across(i / size) for i in range(size + 1)]
        made.append(
            Distribution(
                group["group"],
                sum(group["left"]) + sum(group["stayed"]),
                steps(ends, [round(foot - share * unit, 1) for share in one], foot),
                steps(ends, [round(foot + share * unit, 1) for share in other], foot),
                foot,
                [
                    (f"{number(i / size)} to {number((i + 1) / size)}", f"{s:,}", f"{n:,}")
                    for i, (s, n) in enumerate(zip(group["stayed"], group["left"], strict=True))
                ],
            )
        )
    return made


def _shares(counts: Sequence[int]) -> list[float]:
    return [count / (sum(counts) or 1) for count in counts]
