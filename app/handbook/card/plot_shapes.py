"""The shapes of a plot."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp

from app.handbook.card.number_format import signed

WIDTH, HEIGHT = 320, 168
LEFT, RIGHT, TOP, BOTTOM = 40, 8, 10, 34
ROW, LABELS, NUMBERS = 24, 138, 44
"""Height of a bar's row, width of its label and of its number, in SVG units."""


@dataclass(frozen=True)
class BinRow:
    """One bin: label and points in log-odds."""

    label: str
    points: float

    @property
    def cells(self) -> tuple[str, str, str]:
        """The bin as a row of a table: label, log-odds, factor on the odds of leaving."""
        points = f"{self.points:+.3f}".replace("-", "\N{MINUS SIGN}")
        return self.label, points, f"\N{MULTIPLICATION SIGN} {exp(self.points):.2f}"


@dataclass(frozen=True)
class Tick:
    """A mark on an axis: position in SVG units and text."""

    at: float
    text: str


@dataclass(frozen=True)
class Curve:
    """A numeric term: a step line over the feature's values."""

    path: str
    x_ticks: list[Tick]
    y_ticks: list[Tick]
    zero: float
    unit: str


@dataclass(frozen=True)
class CategoryBar:
    """A category's bar: from zero to its points."""

    label: str
    x: float
    y: float
    width: float
    points: float


@dataclass(frozen=True)
class HeatmapCell:
    """A cell of a pair's grid; `weight`, from -1 to 1, is its share of the scale."""

    x: float
    y: float
    width: float
    height: float
    weight: float


@dataclass(frozen=True)
class Plot:
    """One term, as numbers and as a drawing."""

    name: str
    title: str
    span: float
    """Difference of its highest and lowest points, in log-odds."""

    rows: list[BinRow]
    curve: Curve | None = None
    bars: list[CategoryBar] | None = None
    cells: list[HeatmapCell] | None = None
    zero: float = 0.0
    height: float = HEIGHT

    @property
    def table(self) -> list[tuple[str, str, str]]:
        """The bins as rows of a table."""
        return [row.cells for row in self.rows]

    @property
    def summary(self) -> str:
        """The plot in words, for readers who can't see it."""
        low, high = (pick(self.rows, key=lambda row: row.points) for pick in (min, max))
        return (
            f"from {signed(low.points)} log-odds ({low.label}) "
            f"to {signed(high.points)} ({high.label})"
        )
