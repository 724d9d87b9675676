"""Measures how well probabilities match outcomes, on customers that no fit has seen."""

from __future__ import annotations

from typing import Any

import numpy as np

from model.training.evaluation import calibration, metric
from model.training.quality_measures import brier_score, calibration_error
from model.training.recalibration import Recalibration


def calibration_out_of_fold(recalibration: Recalibration) -> dict[str, Any]:
    """Measure the training customers, each scored by a model fitted without its fold.

    Returns:
        Ten groups of equal size by rising probability, Brier score and expected calibration error
        with intervals, and what recalibration would change.
    """
    churned, scores = (np.concatenate(arrays) for arrays in zip(*recalibration.parts, strict=True))
    part = churned, scores
    return {
        "customers": len(churned),
        "groups": calibration(part),
        "brier_score": metric("brier_score", brier_score, [part]),
        "calibration_error": metric("calibration_error", calibration_error, [part]),
        "recalibration": {
            "slope": recalibration.slope,
            "intercept": recalibration.intercept,
            "log_loss_gain": round(recalibration.gain, 6),
            "standard_error": round(recalibration.standard_error, 6),
            "kept": recalibration.kept,
        },
    }
