"""`POST /predict`."""

from __future__ import annotations

from typing import Any

from flask import Response

from app.access import scope
from app.http.blueprint import Blueprint
from app.http.json_encoding import json_response
from app.observability.timing import timed
from app.predictions.request_schemas import BatchRequest, PredictionQuery, PredictionRequest
from app.predictions.response_schemas import BatchAnswer, Prediction
from app.predictions.service import PATH, SCOPE, count_predictions, requested_scorer
from app.releases.contract import CONTRACT

EXAMPLE = CONTRACT.example()
REQUIRED = {name: EXAMPLE[name] for name in CONTRACT.required}

blp = Blueprint("predictions", __name__, description="Scores with exact reasons")


@blp.route(PATH, methods=["POST"])
@scope(SCOPE)
@blp.doc(operationId="predict")
@blp.arguments(PredictionRequest(), example={"features": EXAMPLE, "policy": "default"})
@blp.arguments(PredictionQuery(), location="query")
@blp.response(200, Prediction)
@blp.alt_response(400, "BAD_REQUEST")
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
    one = requested_scorer(query)
    with timed("model"):
        scored = one.score(body["features"], body["policy"], query["reasons"])
    count_predictions(scored, scored["prediction"])
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
@blp.alt_response(413, "REQUEST_ENTITY_TOO_LARGE")
@blp.alt_response(415, "UNSUPPORTED_MEDIA_TYPE")
@blp.alt_response(503, "SERVICE_UNAVAILABLE")
def predict_batch(body: dict[str, Any], query: dict[str, Any]) -> Response:
    """Score up to 1,000 customers.

    Predictions come in the order given. One customer that breaks the contract refuses the whole
    batch; the problem names each.
    """
    one, policy = requested_scorer(query), body["policy"]
    with timed("model"):
        predictions = [
            {"id": customer["id"], **one.score(customer["features"], policy, query["reasons"])}
            for customer in body["customers"]
        ]
    first = predictions[0]
    churns = sum(prediction["prediction"] == "churn" for prediction in predictions)
    count_predictions(first, "churn", churns)
    count_predictions(first, "no_churn", len(predictions) - churns)
    return json_response(
        {
            "model_version": first["model_version"],
            "policy": first["policy"],
            "predictions": predictions,
        }
    )
