"""Plots how far one figure spreads: a row of dots and intervals for each name, on one axis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.handbook.card.evaluation_plots import across
from app.handbook.card.number_format import number, ticks
from app.handbook.card.plot_shapes import Tick

ROW = 44
"""The height of a row in SVG units: its words, and the dots below them."""


@dataclass(frozen=True)
class Spread:
    """What is known of one name's figure."""

    label: str
    dots: Sequence[float] = ()
    low: float | None = None
    high: float | None = None
    mean: float | None = None


@dataclass(frozen=True)
class SpreadRow:
    """A row in SVG units."""

    label: str
    y: float
    dots: list[float]
    ends: tuple[float, float] | None
    mean: float | None


@dataclass(frozen=True)
class SpreadPlot:
    """The rows with their axis, and figures that are compared with all rows."""

    title: str
    rows: list[SpreadRow]
    x_ticks: list[Tick]
    unit: str
    marks: list[Tick]
    top: float
    foot: float
    table: list[list[str]]
    """Name, mean, interval and single figures of each row, then the marks."""


def spread_plot(
    title: str, unit: str, spreads: Sequence[Spread], marks: Mapping[str, float] | None = None
) -> SpreadPlot:
    """Place every figure on an axis that is as wide as they need.

    Args:
        title: what is drawn.
        unit: of the axis, in words.
        spreads: the rows from the top; at least one has a figure.
        marks: figures to compare with, by name.
    """
    marks = marks or {}
    values = [v for s in spreads for v in (*s.dots, s.low, s.high, s.mean) if v is not None]
    values += marks.values()
    low, high = min(values), max(values)
    pad = (high - low) * 0.08 or 0.01
    low, high = low - pad, high + pad

    def x(value: float) -> float:
        return across((value - low) / (high - low))

    top = 16.0 + 13 * len(marks)
    rows = [
        SpreadRow(
            s.label,
            top + ROW * i + 30,
            [x(dot) for dot in s.dots],
            None if s.low is None or s.high is None else (x(s.low), x(s.high)),
            None if s.mean is None else x(s.mean),
        )
        for i, s in enumerate(spreads)
    ]
    lines = sorted(marks.items(), key=lambda mark: mark[1])
    return SpreadPlot(
        title,
        rows,
        [Tick(x(value), number(value)) for value in ticks(low, high) if low <= value <= high],
        unit,
        [Tick(x(value), f"{name} {value:.3f}") for name, value in lines],
        top,
        top + ROW * len(rows) + 4,
        [_cells(s) for s in spreads] + [[name, f"{value:.4f}", "", ""] for name, value in lines],
    )


def _cells(spread: Spread) -> list[str]:
    low, high, mean = spread.low, spread.high, spread.mean
    return [
        spread.label,
        "" if mean is None else f"{mean:.4f}",
        "" if low is None or high is None else f"{low:.4f} to {high:.4f}",
        ", ".join(f"{dot:.4f}" for dot in spread.dots),
    ]


def repeats(found: Mapping[str, Any]) -> SpreadPlot:
    """Draw repeated cross-validation, and where the test and validation parts lie.

    Args:
        found: `repeated_cross_validation` of the evaluation.
    """
    part = found["samples_of"]
    return spread_plot(
        "Repeated cross-validation",
        "ROC AUC",
        [
            Spread(f"Mean of each of {found['repeats']} repeats", found["of_repeats"]),
            Spread(
                f"95 of 100 unseen parts of {number(part['customers'])} customers",
                low=part["low"],
                high=part["high"],
                mean=found["mean"],
            ),
        ],
        {"Test": found["test"], "Validation": found["validation"]},
    )
