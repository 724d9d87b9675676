"""Charts of a release's evaluation: its calibration, and the effect of each threshold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.handbook.card.card_tables import words
from app.handbook.card.number_format import number, ticks
from app.handbook.card.plot_shapes import LEFT, RIGHT, WIDTH, Tick

TOP, BOTTOM = 44, 224
"""In SVG units. The policies' names are above TOP, axis and legend below BOTTOM."""

Row = Mapping[str, float | None]
"""One row of `calibration` or `curve` in `evaluation.json`."""


@dataclass(frozen=True)
class Line:
    """A line of a chart, its points in SVG units."""

    label: str
    style: str
    points: list[tuple[float, float]]


@dataclass(frozen=True)
class Chart:
    """Shares over a probability, both from 0 to 1, as a drawing and as a table."""

    name: str
    title: str
    caption: str
    axis: str
    lines: list[Line]
    marks: list[Tick]
    """Thresholds of the policies."""

    columns: list[str]
    rows: list[list[str]]


def charts(evaluation: Mapping[str, Any], policies: Mapping[str, float]) -> list[Chart]:
    """Make the charts of an evaluation; without figures there is none.

    Args:
        evaluation: the content of `evaluation.json`.
        policies: thresholds by name.
    """
    calibration, curve = evaluation.get("calibration"), evaluation.get("curve")
    made = []
    if calibration:
        diagonal = Line("", "even", [_place(0, 0), _place(1, 1)])
        made.append(
            Chart(
                "calibration",
                "Calibration",
                "Ten groups of customers by probability. On the diagonal, the predicted share of "
                "leavers is the observed one.",
                "mean predicted probability",
                [diagonal, _line(calibration, "predicted", "observed", "solid")],
                [],
                *_table(calibration, ("customers", "predicted", "observed")),
            )
        )
    if curve:
        styles = {"precision": "solid", "recall": "dashed", "flagged": "dotted"}
        made.append(
            Chart(
                "thresholds",
                "Thresholds",
                "At each threshold: the share of flagged customers who left (precision), the share "
                "of leavers who are flagged (recall), and the share of all who are flagged.",
                "threshold",
                [_line(curve, "threshold", key, style) for key, style in styles.items()],
                [Tick(_place(at, 0)[0], words(name)) for name, at in _by_threshold(policies)],
                *_table(curve, ("threshold", *styles)),
            )
        )
    return made


def _by_threshold(policies: Mapping[str, float]) -> list[tuple[str, float]]:
    return sorted(policies.items(), key=lambda policy: policy[1])


def _line(rows: list[Row], x: str, y: str, style: str) -> Line:
    points = [
        _place(across, up)
        for row in rows
        if (across := row[x]) is not None and (up := row[y]) is not None
    ]
    return Line(words(y), style, points)


def _place(x: float, y: float) -> tuple[float, float]:
    return round(LEFT + x * (WIDTH - LEFT - RIGHT), 1), round(BOTTOM - y * (BOTTOM - TOP), 1)


def _table(rows: list[Row], keys: tuple[str, ...]) -> tuple[list[str], list[list[str]]]:
    cells = [["" if (v := row[key]) is None else number(v) for key in keys] for row in rows]
    return list(map(words, keys)), cells


X_TICKS = [Tick(_place(value, 0)[0], number(value)) for value in ticks(0, 1)]
Y_TICKS = [Tick(_place(0, value)[1], number(value)) for value in ticks(0, 1)]
