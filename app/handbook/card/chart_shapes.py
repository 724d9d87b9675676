"""What a chart of the evaluation is made of."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.handbook.card.plot_shapes import Tick


@dataclass(frozen=True)
class Line:
    """A line of a chart, its points in SVG units."""

    label: str
    style: str
    points: list[tuple[float, float]]
    explored: bool = False
    """Whether there is a point for each threshold, the lowest first."""

    dots: bool = False
    """Whether each point is marked."""


@dataclass(frozen=True)
class Dot:
    """A policy's place on a line."""

    x: float
    y: float
    text: str
    text_left: bool
    """Whether the text has room at the left, below a falling line."""


@dataclass(frozen=True)
class Chart:
    """A share, or an amount, over a share from 0 to 1: as a drawing and as a table."""

    name: str
    title: str
    caption: str
    across: str
    up: str
    lines: list[Line]
    columns: list[str]
    rows: list[list[str]]
    marks: list[Tick] = field(default_factory=list)
    """Thresholds of the policies."""

    levels: list[Tick] = field(default_factory=list)
    """Marks of the vertical axis, if it has no share."""

    policies: list[Dot] = field(default_factory=list)
