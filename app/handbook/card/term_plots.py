"""Plots the terms of a scorecard: geometry and numbers for an SVG template.

All plots share one scale, so that strong and weak terms can be compared.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from app.handbook.card.number_format import number, odds_ticks, signed, ticks
from app.handbook.card.plot_shapes import (
    BOTTOM,
    DISTRIBUTION,
    HEIGHT,
    LABELS,
    LEFT,
    NUMBERS,
    RIGHT,
    ROW,
    TOP,
    WIDTH,
    BinRow,
    CategoryBar,
    Curve,
    HeatmapCell,
    Plot,
    Tick,
)
from model.bins import Bins
from model.features import Contract, Feature
from model.scorecard import Scorecard, Term


def plots(
    scorecard: Scorecard, contract: Contract, counts: Mapping[str, Sequence[int]]
) -> list[Plot]:
    """Plot each term, the one with the widest range first.

    Args:
        scorecard: has `terms`, each with `features`, `bins` and `points`.
        contract: has `by_name`, features with `label` and `unit`.
        counts: training customers in each bin, by feature; the last bin is for unknown values.
    """
    flat = [p for term in scorecard.terms for p in _flat(term.points)]
    scale = max((abs(p) for p in flat), default=1.0) or 1.0
    drawn = [_plot(term, contract.by_name, scale, counts) for term in scorecard.terms]
    return sorted(drawn, key=lambda plot: -plot.span)


def _plot(
    term: Term, features: dict[str, Feature], scale: float, counts: Mapping[str, Sequence[int]]
) -> Plot:
    known = [features[name] for name in term.features]
    title = " and ".join(_capital(feature.label) for feature in known)
    name = "-".join(term.features)
    if len(known) == 2:
        one, other = map(_labels, term.bins)
        rows = [
            BinRow(f"{a}, {b}", term.points[i][j])
            for i, a in enumerate(one)
            for j, b in enumerate(other)
        ]
        return Plot(name, title, rows, cells=_cells(term.points, scale))
    labels = _labels(term.bins[0])
    customers: Sequence[int | None] = counts.get(name) or [None] * len(labels)
    rows = [BinRow(*of) for of in zip(labels, term.points, customers, strict=True)]
    if term.bins[0].values:
        bars = _bars(rows, scale)
        height = TOP + ROW * len(bars) + 14
        return Plot(name, title, rows, bars=bars, zero=_across(0.0, scale), height=height)
    curve = _curve(term.bins[0].edges, rows, scale, known[0].unit or "")
    return Plot(name, title, rows, curve=curve, zero=curve.zero)


def _curve(edges: tuple[float, ...], rows: list[BinRow], scale: float, unit: str) -> Curve:
    low, high = (edges[0], edges[-1]) if edges else (0.0, 1.0)
    pad = (high - low) * 0.06 or 1.0
    low, high = low - pad, high + pad

    def x(value: float) -> float:
        return round(LEFT + (value - low) / (high - low) * (WIDTH - LEFT - RIGHT), 1)

    def y(value: float) -> float:
        return round(TOP + (1 - value / scale) / 2 * (HEIGHT - TOP - BOTTOM), 1)

    ends = [x(end) for end in (low, *edges, high)]
    points = [row.points for row in rows[:-1]]
    return Curve(
        steps(ends, [y(max(value, 0.0)) for value in points], y(0.0)),
        steps(ends, [y(min(value, 0.0)) for value in points], y(0.0)),
        _distribution(ends, rows),
        [Tick(x(value), number(value)) for value in ticks(low, high)],
        [Tick(y(value), text) for value, text in odds_ticks(scale)],
        [Tick(y(value), signed(value)) for value in ticks(-scale, scale)],
        y(0.0),
        points[-1] <= 0 or points[0] > 0,
        points[-1] <= 0 or points[0] <= 0,
        unit,
    )


def steps(ends: list[float], tops: list[float], foot: float) -> str:
    """Return the path around bars side by side.

    Args:
        ends: of the bars, one more than bars.
        tops: the other end of each bar.
        foot: where all bars stand.
    """
    path, last = f"M{ends[0]:g} {foot:g}", foot
    for top, right in zip(tops, ends[1:], strict=True):
        path += f"H{right:g}" if top == last else f"V{top:g}H{right:g}"
        last = top
    return f"{path}V{foot:g}Z"


def _distribution(ends: list[float], rows: list[BinRow]) -> str:
    """Draw how many customers there are at each value: a bar's area is its share."""
    counts = [row.customers for row in rows[:-1] if row.customers is not None]
    if not any(counts):
        return ""
    density = [
        count / max(right - left, 0.1)
        for count, (left, right) in zip(counts, pairwise(ends), strict=True)
    ]
    foot = HEIGHT - BOTTOM + DISTRIBUTION + 4
    return steps(ends, [round(foot - DISTRIBUTION * d / max(density), 1) for d in density], foot)


def _bars(rows: list[BinRow], scale: float) -> list[CategoryBar]:
    bars = []
    everyone = sum(row.customers or 0 for row in rows) or 1
    for i, row in enumerate(rows):
        if i == len(rows) - 1 and row.points == 0:
            continue  # training never saw it missing, so it has no points
        start, end = sorted((_across(0.0, scale), _across(row.points, scale)))
        width, share = round(end - start, 1), (row.customers or 0) / everyone
        bars.append(CategoryBar(row.label, start, TOP + i * ROW, width, row.points, share))
    return bars


def _across(value: float, scale: float) -> float:
    room = WIDTH - LABELS - NUMBERS
    return round(LABELS + (1 + value / scale) / 2 * room, 1)


def _cells(points: list[list[float]], scale: float) -> list[HeatmapCell]:
    height = (HEIGHT - TOP - BOTTOM) / len(points)
    width = (WIDTH - LEFT - RIGHT) / len(points[0])
    return [
        HeatmapCell(
            round(LEFT + j * width, 1),
            round(TOP + i * height, 1),
            round(width, 1),
            round(height, 1),
            round(value / scale, 3),
        )
        for i, row in enumerate(points)
        for j, value in enumerate(row)
    ]


def _labels(bins: Bins) -> list[str]:
    """Label each bin; the last is for unknown values."""
    if bins.values:
        words = {True: "Yes", False: "No"}
        return [words.get(v, str(v)) if isinstance(v, bool) else str(v) for v in bins.values] + [
            "Not known"
        ]
    if not bins.edges:
        return ["Any", "Not known"]
    edges = [number(edge) for edge in bins.edges]
    between = [f"{a} to {b}" for a, b in pairwise(edges)]
    return [f"Below {edges[0]}", *between, f"{edges[-1]} or more", "Not known"]


def _flat(points: Any) -> list[float]:
    return [p for row in points for p in _flat(row)] if isinstance(points, list) else [points]


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
