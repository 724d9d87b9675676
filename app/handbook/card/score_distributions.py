"""How the scores of those who left and of those who stayed are distributed, for each group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.handbook.card.evaluation_plots import across
from app.handbook.card.number_format import number, ticks
from app.handbook.card.plot_shapes import Tick
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

    levels: list[Tick]
    """Shares on the vertical axis."""

    rows: list[tuple[str, str, str]]
    """As a table: where the range of the probability begins, how many stayed, how many left."""


def distributions(counted: Sequence[Mapping[str, Any]]) -> list[Distribution]:
    """Draw each group on one scale: shares of those who left, and of those who stayed.

    Args:
        counted: customers of each group in equal ranges of the probability, those who `stayed`
            and those who `left`.
    """
    if not counted:
        return []
    left = [_shares(group["left"]) for group in counted]
    stayed = [_shares(group["stayed"]) for group in counted]
    above, below = (max(max(s) for s in shares) for shares in (left, stayed))
    unit = (BOTTOM - TOP) / (above + below)
    foot = round(TOP + above * unit, 1)
    levels = [
        Tick(round(foot - share * unit, 1), f"{abs(share):.0%}") for share in ticks(-below, above)
    ]
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
                levels,
                [
                    (number(i / size), f"{s:,}", f"{n:,}")
                    for i, (s, n) in enumerate(zip(group["stayed"], group["left"], strict=True))
                    if s or n
                ],
            )
        )
    return made


def _shares(counts: Sequence[int]) -> list[float]:
    return [count / (sum(counts) or 1) for count in counts]
