"""The calibration of customers whom the model had not seen, fold by fold, with its verdict."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.handbook.card.card_tables import interval, short
from app.handbook.card.chart_shapes import Chart
from app.handbook.card.evaluation_plots import calibration_chart
from app.handbook.card.number_format import number


def out_of_fold(found: Mapping[str, Any]) -> Chart:
    """Draw the groups; the caption has the Brier score, the calibration error and the verdict.

    Args:
        found: `calibration_out_of_fold` of the evaluation.
    """
    caption = (
        f"{number(found['customers'])} customers, each scored by a model that was fitted without "
        f"that customer's fold. {_measured('Brier score', found['brier_score'])}; "
        f"{_measured('expected calibration error', found['calibration_error'])}. "
        f"{_verdict(found['recalibration'])}"
    )
    return calibration_chart(
        found["groups"], "calibration-out-of-fold", "Calibration out of fold", caption
    )


def _measured(name: str, entry: Mapping[str, Any]) -> str:
    return f"{name} {short(entry['value'])} (95% interval {interval(entry)})"


def _verdict(tried: Mapping[str, Any]) -> str:
    """Say whether the scorecard was recalibrated, and why."""
    gain, error = f"{abs(tried['log_loss_gain']):.5f}", f"{tried['standard_error']:.5f}"
    line = f"slope {tried['slope']:.3f}, intercept {tried['intercept']:.3f}"
    if tried["kept"]:
        return (
            f"The scorecard is recalibrated ({line}): that lowers log loss by {gain}, more than "
            f"one standard error ({error})."
        )
    if tried["log_loss_gain"] <= 0:
        return f"Recalibration ({line}) was tried and left out: it raises log loss by {gain}."
    return (
        f"Recalibration ({line}) was tried and left out: it lowers log loss by {gain}, no more "
        f"than one standard error ({error})."
    )
