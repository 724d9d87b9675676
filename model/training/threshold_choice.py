"""Chooses the thresholds of the policies, and says which goals they reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.metrics import precision_recall_curve

from model.economics import Economics
from model.training.evaluation import Part
from model.training.profit_measures import profit, profits
from model.training.quality_measures import precision, recall

DEFAULT = 0.5
PRECISION_GOAL = 0.75
RECALL_GOAL = 0.80
FEWEST_FLAGGED = 20
"""Flagged customers below which a precision says too little."""


@dataclass(frozen=True)
class Goal:
    """What a policy's threshold is chosen for, and what it reaches on the same customers."""

    policy: str
    measure: str
    goal: float
    reached: float

    @property
    def met(self) -> bool:
        """Whether the goal is reached."""
        return self.reached >= self.goal

    @property
    def said(self) -> str:
        """The goal that isn't reached, in a sentence."""
        return (
            f"No threshold reaches a {self.measure} of {self.goal:.0%}; "
            f"the nearest, which is taken, reaches {self.reached:.1%}."
        )

    def as_dict(self) -> dict[str, Any]:
        """Return what the evaluation states."""
        return {
            "policy": self.policy,
            "measure": self.measure,
            "goal": self.goal,
            "reached": round(self.reached, 4),
            "met": self.met,
        }


def choose_thresholds(
    parts: Sequence[Part],
) -> tuple[dict[str, float], list[Goal]]:
    """Choose the thresholds of the policies on customers that the model wasn't fitted to.

    `default` is 0.5: the more probable outcome. `high_precision` is the lowest threshold at which
    precision reaches its goal, and keeps it at each higher threshold that flags 20 customers or
    more; if there is none, the one with the highest precision. `high_recall` is the highest
    threshold at which recall reaches its goal. Both are rounded towards their goal. If 0.5 reaches
    the goal, it is taken, unless it flags fewer than 20 customers: a policy must find some.

    Args:
        parts: the held-out customers of cross-validation, and the validation set.
    """
    churned, scores = _joined(parts)
    precisions, recalls, thresholds = precision_recall_curve(churned, scores)
    flagged = len(scores) - np.searchsorted(np.sort(scores), thresholds)
    precise = _precise(precisions[:-1], flagged, thresholds)
    high = _rounded(precise, up=True)
    if (scores >= DEFAULT).sum() >= FEWEST_FLAGGED:
        high = max(DEFAULT, high)
    last = np.flatnonzero(recalls[:-1] >= RECALL_GOAL)[-1]
    low = min(DEFAULT, _rounded(float(thresholds[last]), up=False))
    goals = [
        Goal("high_precision", "precision", PRECISION_GOAL, precision(churned, scores >= high)),
        Goal("high_recall", "recall", RECALL_GOAL, recall(churned, scores >= low)),
    ]
    return {"default": DEFAULT, "high_precision": high, "high_recall": low}, goals


@dataclass(frozen=True)
class ValueChoice:
    """The threshold of the policy `value`, and why it was chosen.

    Attributes:
        threshold: the chosen one.
        break_even: the probability from which a call is expected to bring more than it costs,
            rounded up to a thousandth.
        best: the thousandth that brings most on held-out customers.
        gain: what it brings there more than the break-even probability, per customer.
        standard_error: of the gain.
    """

    threshold: float
    break_even: float
    best: float
    gain: float
    standard_error: float

    def said(self, currency: str) -> str:
        """Say in a sentence why it was chosen."""
        start = f"Calls are expected to pay from {self.break_even:g} on."
        if self.best == self.break_even:
            return start
        moved = self.threshold != self.break_even
        return (
            f"{start} On held-out customers, {self.best:g} brings {self.gain:.2f} {currency} more "
            f"per customer (standard error {self.standard_error:.2f}), "
            + ("so the threshold was moved." if moved else "too little to move the threshold.")
        )


def most_profitable(parts: Sequence[Part], economics: Economics) -> ValueChoice:
    """Choose the threshold whose flagged customers bring most.

    That is the break-even probability, if probabilities are right (Elkan 2001, The foundations of
    cost-sensitive learning), rounded up to a thousandth. Another thousandth is taken only where it
    brings more on these customers, by more than one standard error of the difference.

    Args:
        parts: the held-out customers of cross-validation, and the validation set.
        economics: costs and values.
    """
    churned, scores = _joined(parts)
    start = float(np.clip(np.ceil(economics.break_even * 1000) / 1000, 0.001, 0.999))
    brings = {t / 1000: profit(churned, scores >= t / 1000, economics) for t in range(1, 1000)}
    best = max(brings, key=lambda t: (brings[t], t))
    gains = profits(churned, scores >= best, economics) - profits(
        churned, scores >= start, economics
    )
    gain, error = float(gains.mean()), float(gains.std(ddof=1) / np.sqrt(len(gains)))
    return ValueChoice(best if gain > error else start, start, best, gain, error)


def _joined(parts: Sequence[Part]) -> tuple[np.ndarray, np.ndarray]:
    churned, scores = zip(*parts, strict=True)
    return np.concatenate(churned), np.concatenate(scores)


def _precise(precisions: np.ndarray, flagged: np.ndarray, thresholds: np.ndarray) -> float:
    """Return the lowest threshold that keeps the goal, or the most precise one."""
    counts = flagged >= FEWEST_FLAGGED
    short = np.flatnonzero((precisions < PRECISION_GOAL) & counts)
    first = short[-1] + 1 if len(short) else 0
    if first == len(thresholds) or not counts[first]:
        first = int(np.argmax(np.where(counts, precisions, -1.0)))
    return float(thresholds[first])


def _rounded(threshold: float, *, up: bool) -> float:
    """Round to three decimals, or four where the scores of a rare outcome are close together."""
    scale = 1000 if threshold >= 0.1 else 10_000
    return float((np.ceil if up else np.floor)(threshold * scale) / scale)
