"""The shapes of a term's plot."""

from __future__ import annotations

from dataclasses import dataclass

from app.http.effect_words import log_odds, odds

WIDTH, HEIGHT = 320, 196
LEFT, RIGHT, TOP, BOTTOM = 40, 8, 14, 60
"""The customers' distribution and the axis are in the space at the bottom."""

ROW, LABELS, NUMBERS = 30, 138, 68
"""Height of a bar's row, width of its label and of its number, in SVG units."""

DISTRIBUTION = 20
"""Height of the customers' distribution under a curve."""


@dataclass(frozen=True)
class BinRow:
    """One bin: label, points in log-odds, and customers of the training set, if counted."""

    label: str
    points: float
    customers: int | None = None

    @property
    def cells(self) -> tuple[str, str, str, str]:
        """The bin as a row of a table: label, customers, effect on the odds, log-odds."""
        customers = "" if self.customers is None else f"{self.customers:,}"
        return self.label, customers, odds(self.points), log_odds(self.points)


@dataclass(frozen=True)
class Tick:
    """A mark on an axis: position in SVG units and text."""

    at: float
    text: str


@dataclass(frozen=True)
class Curve:
    """A numeric term: areas above and below the average, over the feature's values."""

    more: str
    less: str
    """Paths of the areas."""

    customers: str
    """The path of the customers' distribution, or nothing."""

    x_ticks: list[Tick]
    odds_ticks: list[Tick]
    log_odds_ticks: list[Tick]
    zero: float
    label_right: bool
    label_above: bool
    """Where the label of zero has room."""

    unit: str


@dataclass(frozen=True)
class CategoryBar:
    """A category's bar: from zero to its points; below its label, the share of customers."""

    label: str
    x: float
    y: float
    width: float
    points: float
    share: float


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
    rows: list[BinRow]
    curve: Curve | None = None
    bars: list[CategoryBar] | None = None
    cells: list[HeatmapCell] | None = None
    zero: float = 0.0
    height: float = HEIGHT

    @property
    def table(self) -> list[tuple[str, str, str, str]]:
        """The bins as rows of a table; unknown values only if training saw some."""
        seen = self.rows if self.rows[-1].points or self.rows[-1].customers else self.rows[:-1]
        return [row.cells for row in seen]

    @property
    def highest(self) -> BinRow:
        """The bin that raises the risk most."""
        return max(self.rows, key=lambda row: row.points)

    @property
    def lowest(self) -> BinRow:
        """The bin that lowers the risk most."""
        return min(self.rows, key=lambda row: row.points)

    @property
    def span(self) -> float:
        """Difference of the highest and the lowest points, in log-odds."""
        return self.highest.points - self.lowest.points

    @property
    def summary(self) -> str:
        """The plot in words, for readers who can't see it."""
        low, high = self.lowest, self.highest
        return f"from {odds(low.points)} ({low.label}) to {odds(high.points)} ({high.label})"
