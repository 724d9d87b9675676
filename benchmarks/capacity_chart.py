"""Draws rate and p99 over the number of connections, as an SVG for a document."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from benchmarks.capacity_cells import CONNECTIONS, SHARED, SQLITE, Cell, Figures
from benchmarks.capacity_cells import ENDPOINTS as ENDPOINTS_OF
from benchmarks.capacity_sizing import LIMIT_MS

WIDTH = 400
LEFT, RIGHT = 64, 384
MARGIN = 8
TOP, PANEL, GAP = 40, 190, 76
"""In SVG units: the first panel's top, a panel's height, and what is between two."""

LEGEND_ROW = 20

ENDPOINTS = ENDPOINTS_OF[SQLITE]
"""Each has a colour and a mark: `e0` and a circle, and so on."""

TEMPLATE = "capacity_chart.svg.j2"


@dataclass(frozen=True)
class Tick:
    """A line across a panel, and what it stands for."""

    y: float
    label: str


@dataclass(frozen=True)
class Line:
    """The points of a setting and an endpoint."""

    style: str
    points: list[str]
    marks: list[str]


@dataclass(frozen=True)
class Panel:
    """One of the charts, one above the other; its axis is logarithmic."""

    heading: str
    top: float
    bottom: float
    ticks: list[Tick]
    limit: Tick | None
    lines: list[Line]


def draw(figures: Figures, workers: int) -> str:
    """Return the SVG of a number of workers."""
    number = {1: "One worker", 2: "Two workers"}[workers]
    drawn = [
        _panel(figures, workers, 0, f"{number}: requests a second", lambda cell: cell.rate),
        _panel(figures, workers, 1, f"{number}: p99, milliseconds", lambda cell: cell.p99),
    ]
    first = drawn[-1].bottom + 58
    legend = [
        {
            "style": _style(setting, endpoint),
            "y": first + row * LEGEND_ROW,
            "mark": _mark(endpoint, MARGIN + 18, first + row * LEGEND_ROW),
            "label": f"{endpoint}, {setting}",
        }
        for row, (setting, endpoint) in enumerate(figures.lines())
    ]
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    return environment.get_template(TEMPLATE).render(
        title=f"{number}: requests a second and p99 by the number of connections",
        width=WIDTH,
        height=first + len(legend) * LEGEND_ROW,
        margin=MARGIN,
        left=LEFT,
        right=RIGHT,
        columns=[(_column(place), str(n)) for place, n in enumerate(CONNECTIONS)],
        panels=drawn,
        legend=legend,
    )


def _panel(
    figures: Figures, workers: int, number: int, heading: str, value: Callable[[Cell], float]
) -> Panel:
    top = TOP + number * (PANEL + GAP)
    bottom = top + PANEL
    lines = {line: figures.of(*line, workers) for line in figures.lines()}
    values = [value(cell) for cells in lines.values() for cell in cells if cell.rate]
    values += [LIMIT_MS] if number else []
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))

    def y(value: float) -> float:
        share = (math.log10(value) - low) / (high - low)
        return round(bottom - share * PANEL, 1)

    drawn = []
    for line, cells in lines.items():
        answered = [cell for cell in cells if cell.rate]
        places = [
            (_column(CONNECTIONS.index(cell.connections)), y(value(cell))) for cell in answered
        ]
        points = [f"{x},{height}" for x, height in places]
        drawn.append(Line(_style(*line), points, [_mark(line[1], *place) for place in places]))
    ticks = [Tick(y(10**power), f"{10**power:,g}") for power in range(low, high + 1)]
    limit = Tick(y(LIMIT_MS), f"{LIMIT_MS} ms") if number else None
    return Panel(heading, top, bottom, ticks, limit, drawn)


def _column(place: int) -> float:
    return round(LEFT + 8 + place * (RIGHT - LEFT - 16) / (len(CONNECTIONS) - 1), 1)


def _style(setting: str, endpoint: str) -> str:
    return f"e{ENDPOINTS.index(endpoint)}" + (" shared" if setting == SHARED else "")


def _mark(endpoint: str, x: float, y: float) -> str:
    """Return the path of an endpoint's mark around a point."""
    shapes = (
        "m-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0 -7 0z",
        "m-3 -3h6v6h-6z",
        "m0 -4l4 7h-8z",
        "m0 -4.5l4.5 4.5l-4.5 4.5l-4.5 -4.5z",
    )
    return f"M{x} {y}{shapes[ENDPOINTS.index(endpoint)]}"
