"""Finds the scorer for a request, and counts predictions."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from prometheus_client import Counter

from app.observability.metrics import PREDICTIONS
from app.predictions.scorer import Scorer
from app.releases import require_serving_release
from app.releases.release_loader import Release

PATH = "/predict"
SCOPE = "predict"

_counters: dict[tuple[str, str, str], Counter] = {}


def count_predictions(scored: dict[str, Any], prediction: str, number: int = 1) -> None:
    """Count predictions of one release, policy and outcome."""
    key = scored["model_version"], prediction, scored["policy"]["name"]
    counter = _counters.get(key)
    if counter is None:
        counter = _counters[key] = PREDICTIONS.labels(*key)
    counter.inc(number)


def requested_scorer(query: dict[str, Any]) -> Scorer:
    """Return the scorer of the requested release, or of the one in service.

    Raises:
        Problem: 503, no release is in service.
    """
    return scorer(query.get("version") or require_serving_release())


@lru_cache(maxsize=16)
def scorer(release: Release) -> Scorer:
    """Make the scorer of a release, once."""
    return Scorer(release.scorecard, release.contract)
