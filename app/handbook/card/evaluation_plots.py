"""Charts of a release's evaluation: thresholds, ROC, precision and recall, calibration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.handbook.card.card_tables import words
from app.handbook.card.chart_shapes import Chart, Dot, Line
from app.handbook.card.number_format import number, ticks
from app.handbook.card.plot_shapes import LEFT, RIGHT, WIDTH, Tick
from app.handbook.card.threshold_outcomes import Outcome, Row

TOP, BOTTOM = 60, 240
"""In SVG units. The policies' names are above TOP, axis and legend below BOTTOM."""


def threshold_chart(
    found: Sequence[Outcome], policies: Mapping[str, float], currency: str = ""
) -> Chart:
    """Draw precision, recall and the share flagged over the threshold; the table is by thousand.

    Args:
        found: what each threshold does.
        policies: thresholds by name.
        currency: of the profits; empty if there are none.
    """
    measures = {"Precision": "solid", "Recall": "dashed", "Flagged": "dotted"}
    lines = [
        Line(name, style, _points(found, "threshold", name.lower()), explored=True)
        for name, style in measures.items()
    ]
    # The sentence beside the chart takes its figures from the first columns.
    columns = ["Threshold", "Called", "Leavers caught", "Wasted calls"]
    columns += [f"Profit ({currency})"] if currency else []
    rows = [
        [
            *(number(value) for value in (o.threshold, o.called, o.caught, o.wasted)),
            *([o.brings] if currency else []),
            *(_share(value) for value in (o.precision, o.recall)),
        ]
        for o in found
    ]
    return Chart(
        "thresholds",
        "Thresholds",
        "The higher the threshold, the fewer calls are wasted and the fewer leavers are caught: "
        "precision is the share of flagged customers who left, recall the share of leavers who "
        "are flagged.",
        "threshold (probability)",
        "share (0 to 1)",
        lines,
        [*columns, "Precision", "Recall"],
        rows,
        marks=marks(policies),
    )


def charts(
    found: Sequence[Outcome], calibration: Sequence[Row], policies: Mapping[str, float], area: str
) -> list[Chart]:
    """Draw ROC, precision over recall, and calibration; what has no figures is left out.

    Args:
        found: what each threshold does.
        calibration: of the evaluation.
        policies: thresholds by name.
        area: below the ROC curve, as text; empty if not measured.
    """
    made = [_roc(found, policies, area), _precision_recall(found, policies)] if found else []
    return made + ([_calibration(calibration)] if calibration else [])


def _roc(found: Sequence[Outcome], policies: Mapping[str, float], area: str) -> Chart:
    rate = "false_positive_rate"
    return Chart(
        "roc",
        "ROC",
        "The farther the line bends away from the diagonal, the better the model tells leavers "
        f"from those who stay{f'; the area below it is {area}' if area else ''}.",
        "share of those who stayed that is flagged",
        "share of leavers flagged (recall)",
        [_diagonal(), Line("", "solid", _points(found, rate, "recall"), explored=True)],
        ["Threshold", "False positive rate", "Recall"],
        [
            [number(o.threshold), _share(o.false_positive_rate), _share(o.recall)]
            for o in sparse(found)
        ],
        policies=_policies(found, policies, rate, "recall"),
    )


def _precision_recall(found: Sequence[Outcome], policies: Mapping[str, float]) -> Chart:
    base = found[0].base_rate
    known = [outcome for outcome in found if outcome.precision is not None]
    chance = Line("", "even", [place(0, base), place(1, base)])
    return Chart(
        "precision-recall",
        "Precision and recall",
        "Further right, more leavers are caught and more calls are wasted; calling at random "
        f"would reach the dotted line, {base:.0%}.",
        "share of leavers flagged (recall)",
        "share of flagged who left (precision)",
        [chance, Line("", "solid", _points(known, "recall", "precision"), explored=True)],
        ["Threshold", "Recall", "Precision"],
        [[number(o.threshold), _share(o.recall), _share(o.precision)] for o in sparse(known)],
        policies=_policies(known, policies, "recall", "precision"),
    )


def sparse(found: Sequence[Outcome]) -> list[Outcome]:
    """Return every twentieth of the threshold, for a table; that of the thresholds has them all."""
    return [outcome for outcome in found if (outcome.threshold * 20).is_integer()]


def _calibration(rows: Sequence[Row]) -> Chart:
    gaps = [abs(float(r["predicted"] or 0) - float(r["observed"] or 0)) for r in rows]
    caption = (
        "Each point is a group of customers with similar probabilities: on the diagonal, as many "
        f"left as predicted, and the farthest point is {100 * max(gaps):.0f} points off."
    )
    return calibration_chart(rows, "calibration", "Calibration", caption)


def calibration_chart(rows: Sequence[Row], name: str, title: str, caption: str) -> Chart:
    """Draw who left over who was predicted to, a point for each group.

    Args:
        rows: `customers`, `predicted` and `observed` of each group.
        name: in the figure's address.
        title: above it.
        caption: below it.
    """
    points = [place(float(r["predicted"] or 0), float(r["observed"] or 0)) for r in rows]
    return Chart(
        name,
        title,
        caption,
        "mean predicted probability",
        "share who left",
        [_diagonal(), Line("", "solid", points, dots=True)],
        ["Customers", "Predicted", "Observed"],
        [[_share(row[key]) for key in ("customers", "predicted", "observed")] for row in rows],
    )


def _diagonal() -> Line:
    return Line("", "even", [place(0, 0), place(1, 1)])


def _points(found: Sequence[Outcome], x: str, y: str) -> list[tuple[float, float]]:
    pairs = [(getattr(outcome, x), getattr(outcome, y)) for outcome in found]
    return [place(across, up) for across, up in pairs if up is not None]


def _policies(found: Sequence[Outcome], policies: Mapping[str, float], x: str, y: str) -> list[Dot]:
    return [
        Dot(*place(getattr(outcome, x), getattr(outcome, y)), words(name), y == "precision")
        for name, threshold in policies.items()
        for outcome in found
        if outcome.threshold == threshold
    ]


def marks(policies: Mapping[str, float]) -> list[Tick]:
    """Return the policies' thresholds as marks on an axis, the lowest first."""
    ordered = sorted(policies.items(), key=lambda policy: policy[1])
    return [Tick(across(threshold), words(name)) for name, threshold in ordered]


def across(share: float) -> float:
    """Return the place of a share on the horizontal axis."""
    return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)


def place(x: float, y: float) -> tuple[float, float]:
    """Return the place of two shares."""
    return across(x), round(BOTTOM - y * (BOTTOM - TOP), 1)


def _share(value: Any) -> str:
    return "" if value is None else number(round(value, 4))


X_TICKS = [Tick(across(value), number(value)) for value in ticks(0, 1)]
Y_TICKS = [Tick(place(0, value)[1], number(value)) for value in ticks(0, 1)]
