"""Answers predictions: the bytes of a request in, the bytes of the answer out. No Flask inside."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from prometheus_client import Counter

from app.http.json_encoding import dumps
from app.http.problems import Problem
from app.http.request_reading import load_body, load_query
from app.observability.metrics import PREDICTIONS
from app.observability.timing import timed
from app.predictions.request_schemas import PredictionQuery, batch_request, prediction_request
from app.predictions.scorer import PolicyError, Scorer
from app.releases import require_serving_release
from app.releases.registry import ReleaseRegistry
from app.releases.release_loader import Release

PATH, BATCH_PATH = "/predict", "/predict/batch"
SCOPE = "predict"

SLICE = 100
"""Customers of a batch that are scored without a pause."""

_NUMBER_OF_REASONS = re.compile(rb"reasons=(0|[1-9]\d?|100)").fullmatch


class PredictionService:
    """Answers predictions with the releases of a registry.

    Views and the event loop call the same methods; they admit the caller and check the headers.
    """

    def __init__(self, releases: ReleaseRegistry) -> None:
        self._releases = releases
        self._one = prediction_request(releases.contract)
        self._many = batch_request(releases.contract)
        self._query = PredictionQuery(releases)

    def predict(self, body: bytes, query: bytes) -> bytes:
        """Answer `POST /predict`.

        Raises:
            Problem: body or query is invalid, the release lacks the policy, or no release is in
                service.
        """
        asked = load_body(self._one, body)
        one, most = self._options(query)
        require_policy(one, asked["policy"], pointer="/policy")
        with timed("model"):
            scored = one.score(asked["features"], asked["policy"], most)
        count_predictions(scored, scored["prediction"])
        return dumps(scored)

    def predict_batch(self, body: bytes, query: bytes) -> Iterator[bytes]:
        """Answer `POST /predict/batch`, in parts; between two of them others can be served.

        The first part is empty: to read the body, or to explain its faults, takes the longest.

        Raises:
            Problem: as `predict` does, before the first part.
        """
        asked = load_body(self._many, body)
        one, most = self._options(query)
        policy, customers = asked["policy"], asked["customers"]
        decision = require_policy(one, policy, pointer="/policy")
        yield b""
        shared = {"model_version": one.scorecard.version, "policy": decision}
        before = dumps(shared)[:-1] + b',"predictions":['
        churns = 0
        for start in range(0, len(customers), SLICE):
            part = customers[start : start + SLICE]
            with timed("model"):
                features = [customer["features"] for customer in part]
                scored = one.score_many(features, policy, most)
            churns += sum(found["prediction"] == "churn" for found in scored)
            named = [{"id": c["id"], **found} for c, found in zip(part, scored, strict=True)]
            yield before + dumps(named)[1:-1]
            before = b","
        count_predictions(shared, "churn", churns)
        count_predictions(shared, "no_churn", len(customers) - churns)
        yield b"]}"

    def _options(self, query: bytes) -> tuple[Scorer, int]:
        """Return the scorer, and how many reasons to give at most."""
        if plain := _NUMBER_OF_REASONS(query):  # marshmallow takes longer than the score
            return scorer(require_serving_release(self._releases)), int(plain[1])
        given = load_query(self._query, query)
        release = given.get("version") or require_serving_release(self._releases)
        return scorer(release), given["reasons"]


_counters: dict[tuple[str, str, str], Counter] = {}


def count_predictions(scored: dict[str, Any], prediction: str, number: int = 1) -> None:
    """Count predictions of one release, policy and outcome."""
    key = scored["model_version"], prediction, scored["policy"]["name"]
    counter = _counters.get(key)
    if counter is None:
        counter = _counters[key] = PREDICTIONS.labels(*key)
    counter.inc(number)


def require_policy(one: Scorer, policy: str, **place: str) -> dict[str, Any]:
    """Return a policy of the requested release as answers state it.

    Args:
        one: the release's scorer.
        policy: its name; not every release has each.
        place: the member `pointer` or `parameter` of the problem.

    Raises:
        Problem: 422, the release has none of that name.
    """
    try:
        return one.policy(policy)
    except PolicyError as error:
        fault = {**place, "detail": str(error), "value": policy}
        raise Problem("invalid-input", str(error), [fault]) from None


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
