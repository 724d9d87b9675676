"""Recalibrates a scorecard where customers that it wasn't fitted to show that this helps.

The probability p of a model that is too sure of itself, or not sure enough, is moved to the one
with the log-odds `intercept + slope * log-odds of p` (Platt 1999; Cox 1958, Two further
applications of a model for binary regression). A scorecard's log-odds are a sum: the sum c + t1 +
t2 + ... becomes (intercept + slope c) + slope t1 + slope t2 + ... So the moved model is a scorecard
too. The tables are therefore read from the moved decision function, and all that follows from
tables (centring, the factors that stand for unknown features, ranges, thresholds, self-test) is
made from the moved ones: nothing has to be rescaled afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit  # type: ignore[import-untyped]
from sklearn.linear_model import LogisticRegression

from model.fold_figures import FOLDS
from model.training.evaluation import Part
from model.training.quality_measures import log_loss

DECIMALS = 6
"""Of slope and intercept: the evaluation states the very numbers that made the tables."""

_PENALTY = 1e-3
"""Keeps the slope finite where scores tell all leavers from all who stayed."""

_NEARLY_SURE = 1e-15


@dataclass(frozen=True)
class Recalibration:
    """A slope and an intercept of log-odds, and what they gain.

    Attributes:
        slope: below 1 if the model is too sure of itself.
        intercept: log-odds.
        gains: log loss that each fold loses, with slope and intercept fitted on the other folds.
        parts: outcomes and probabilities of each fold's held-out customers, recalibrated by the
            other folds if that is kept.
    """

    slope: float
    intercept: float
    gains: np.ndarray
    parts: list[Part]

    @property
    def gain(self) -> float:
        """The mean over the folds."""
        return float(self.gains.mean())

    @property
    def standard_error(self) -> float:
        """Of the mean gain."""
        return float(self.gains.std(ddof=1) / np.sqrt(len(self.gains)))

    @property
    def kept(self) -> bool:
        """Whether log loss improves by more than one standard error.

        A negative slope would turn every reason round: such a model isn't to be repaired.
        """
        return self.slope > 0 and self.gain > self.standard_error

    def applied(self, decision: Callable[[np.ndarray], np.ndarray]) -> Callable[..., np.ndarray]:
        """Return the decision function, moved if that is kept."""
        if not self.kept:
            return decision
        return lambda codes: self.intercept + self.slope * decision(codes)


def recalibrate(parts: Sequence[Part]) -> Recalibration:
    """Fit slope and intercept on all held-out customers; measure the gain by nesting.

    Args:
        parts: outcomes and probabilities of each fold's held-out customers; without any, as in an
            experiment that measures another way, nothing is moved.
    """
    if not parts:
        return Recalibration(1.0, 0.0, np.zeros(FOLDS), [])
    moved = []
    for held_out, (churned, scores) in enumerate(parts):
        others = [part for fold, part in enumerate(parts) if fold != held_out]
        slope, intercept = _fit(others)
        moved.append((churned, expit(intercept + slope * _log_odds(scores))))
    gains = [log_loss(c, s) - log_loss(*after) for (c, s), after in zip(parts, moved, strict=True)]
    found = Recalibration(*_fit(parts), np.array(gains), moved)
    return found if found.kept else Recalibration(*_fit(parts), found.gains, list(parts))


def _fit(parts: Sequence[Part]) -> tuple[float, float]:
    churned, scores = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    regression = LogisticRegression(C=1 / _PENALTY, solver="newton-cholesky", tol=1e-8)
    regression.fit(_log_odds(scores)[:, None], churned)
    slope, intercept = regression.coef_[0, 0], regression.intercept_[0]
    return round(float(slope), DECIMALS), round(float(intercept), DECIMALS)


def _log_odds(scores: np.ndarray) -> np.ndarray:
    found: np.ndarray = logit(np.clip(scores, _NEARLY_SURE, 1 - _NEARLY_SURE))
    return found
