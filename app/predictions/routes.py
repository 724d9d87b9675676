"""`POST /predict`."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from flask import Response
from prometheus_client import Counter

from app.access import scope
from app.arguments import Blueprint
from app.encoding import json_response
from app.metrics import PREDICTIONS
from app.parts import part
from app.predictions.answers import BatchAnswer, Prediction
from app.predictions.bodies import CONTRACT
from app.predictions.schemas import BatchRequest, PredictionQuery, PredictionRequest
from app.predictions.scorer import Scorer
from app.problems import Problem
from app.releases import releases, serving
from app.releases.release import Release

EXAMPLE = CONTRACT.example()
REQUIRED = {name: EXAMPLE[name] for name in CONTRACT.required}

PATH = "/predict"
SCOPE = "predict"

_counters: dict[tuple[str, str, str], Counter] = {}

blp = Blueprint("predictions", __name__, description="Scores with exact reasons")


@blp.route(PATH, methods=["POST"])
@scope(SCOPE)
@blp.doc(operationId="predict")
@blp.arguments(PredictionRequest(), example={"features": EXAMPLE, "policy": "default"})
@blp.arguments(PredictionQuery(), location="query")
@blp.response(200, Prediction)
@blp.alt_response(400, "BAD_REQUEST")
@blp.alt_response(404, "NOT_FOUND")
@blp.alt_response(413, "REQUEST_ENTITY_TOO_LARGE")
@blp.alt_response(415, "UNSUPPORTED_MEDIA_TYPE")
@blp.alt_response(503, "SERVICE_UNAVAILABLE")
def predict(body: dict[str, Any], query: dict[str, Any]) -> Response:
    """Score one customer.

    Answers the probability that the customer leaves, the decision under a policy, and the terms
    of the score that weigh most. Features that are not known may be left out or null.
    """
    # A Response: flask-smorest then documents the schema without dumping through it, which costs
    # more than the score. tests/predictions holds the answers to the schema.
    one = chosen(query)
    with part("model"):
        scored = one.score(body["features"], body["policy"], query["reasons"])
    count(scored, scored["prediction"])
    return json_response(scored)


@blp.route("/predict/batch", methods=["POST"])
@scope("predict")
@blp.doc(operationId="predictBatch")
@blp.arguments(
    BatchRequest(),
    example={
        "customers": [
            {"id": "a-1", "features": EXAMPLE},
            {
                "id": "a-2",
                "features": REQUIRED,
            },
        ],
        "policy": "default",
    },
)
@blp.arguments(PredictionQuery(), location="query")
@blp.response(200, BatchAnswer)
@blp.alt_response(400, "BAD_REQUEST")
@blp.alt_response(404, "NOT_FOUND")
@blp.alt_response(413, "REQUEST_ENTITY_TOO_LARGE")
@blp.alt_response(415, "UNSUPPORTED_MEDIA_TYPE")
@blp.alt_response(503, "SERVICE_UNAVAILABLE")
def predict_batch(body: dict[str, Any], query: dict[str, Any]) -> Response:
    """Score up to 1,000 customers.

    Predictions come in the order given. One customer that breaks the contract refuses the whole
    batch; the problem names each.
    """
    one, policy = chosen(query), body["policy"]
    with part("model"):
        predictions = [
            {"id": customer["id"], **one.score(customer["features"], policy, query["reasons"])}
            for customer in body["customers"]
        ]
    first = predictions[0]
    churns = sum(prediction["prediction"] == "churn" for prediction in predictions)
    count(first, "churn", churns)
    count(first, "no_churn", len(predictions) - churns)
    return json_response(
        {
            "model_version": first["model_version"],
            "policy": first["policy"],
            "predictions": predictions,
        }
    )


def count(scored: dict[str, Any], prediction: str, number: int = 1) -> None:
    """Count predictions of one release, policy and outcome."""
    key = scored["model_version"], prediction, scored["policy"]["name"]
    counter = _counters.get(key)
    if counter is None:
        counter = _counters[key] = PREDICTIONS.labels(*key)
    counter.inc(number)


def chosen(query: dict[str, Any]) -> Scorer:
    """The scorer of the release asked for, or of the one in service.

    Raises:
        Problem: 404, that release is not loaded; 503, none is in service.
    """
    version = query.get("version")
    if version is None:
        return scorer(serving())
    if release := releases().get(version):
        return scorer(release)
    loaded = ", ".join(release.version for release in releases().all()) or "none"
    fault = {"parameter": "version", "detail": f"Loaded: {loaded}", "value": version}
    raise Problem("not-found", "The release asked for is not loaded", [fault])


@lru_cache(maxsize=16)
def scorer(release: Release) -> Scorer:
    """The scorer of a release, made once."""
    return Scorer(release.scorecard, release.contract)
