"""The model card's figures: SVG in the page's own colour, the same bytes each time."""

from __future__ import annotations

import re
from io import StringIO
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

_INK = "#010203"  # a colour nothing else uses, replaced by currentColor


def calibration_figure(rows: list[dict[str, Any]]) -> str:
    """Observed share over mean prediction."""
    with _style():
        figure, axes = _axes("Mean predicted probability", "Observed share of churn")
        axes.plot([0, 1], [0, 1], color=_INK, linewidth=0.8, linestyle=":")
        axes.plot(
            [r["predicted"] for r in rows], [r["observed"] for r in rows], color=_INK, marker="o"
        )
        return _svg(figure, "calibration")


def threshold_figure(rows: list[dict[str, Any]]) -> str:
    """Precision, recall and share flagged over the threshold."""
    with _style():
        figure, axes = _axes("Threshold of the probability", "Share")
        for key, style in (("precision", "-"), ("recall", "--"), ("flagged", ":")):
            points = [(r["threshold"], r[key]) for r in rows if r[key] is not None]
            axes.plot(*zip(*points, strict=True), color=_INK, linestyle=style, label=key)
        axes.legend(frameon=False, labelcolor=_INK)
        return _svg(figure, "thresholds")


def _style() -> Any:
    return mpl.rc_context(
        {
            "svg.hashsalt": "churn",
            "svg.fonttype": "none",
            "font.family": "sans-serif",
            "font.size": 10,
            "text.color": _INK,
            "axes.edgecolor": _INK,
            "axes.labelcolor": _INK,
            "xtick.color": _INK,
            "ytick.color": _INK,
            "axes.spines.top": False,
            "axes.spines.right": False,
        }
    )


def _axes(x: str, y: str) -> tuple[Figure, Any]:
    figure = Figure(figsize=(5, 3.4), layout="tight")
    axes = figure.subplots()
    axes.set(xlabel=x, ylabel=y, xlim=(0, 1), ylim=(0, 1))
    return figure, axes


def _svg(figure: Figure, name: str) -> str:
    text = StringIO()
    figure.savefig(text, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    svg = text.getvalue()
    svg = svg[svg.index("<svg") :].replace(_INK, "currentColor")
    svg = re.sub(r"<metadata>.*?</metadata>\s*", "", svg, flags=re.DOTALL)
    # Several figures stand in one page, where an id may occur once.
    svg = re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{name}-", svg)
    return "\n".join(line.rstrip() for line in svg.splitlines()) + "\n"
