"""`POST /predict`."""

from __future__ import annotations

from typing import Any

from flask import Response

from app.access import scope
from app.http.blueprint import Blueprint
from app.http.json_encoding import json_response
from app.observability.timing import timed
from app.predictions.request_schemas import PredictionQuery, batch_request, prediction_request
from app.predictions.response_schemas import BatchAnswer, Prediction
from app.predictions.service import PATH, SCOPE, count_predictions, requested_scorer
from model.features import Contract


def blueprint(contract: Contract) -> Blueprint:
    """Make the routes for requests that keep this contract."""
    blp = Blueprint("predictions", __name__, description="Scores with exact reasons")
    example = contract.example()
    least = {name: example[name] for name in contract.required}
    customers = [{"id": "a-1", "features": example}, {"id": "a-2", "features": least}]

    @blp.route(PATH, methods=["POST"])
    @scope(SCOPE)
    @blp.doc(operationId="predict")
    @blp.arguments(prediction_request(contract), example={"features": example, "policy": "default"})
    @blp.arguments(PredictionQuery(), location="query")
    @blp.response(200, Prediction)
    @blp.refuses(400, 413, 415, 503)
    def predict(body: dict[str, Any], query: dict[str, Any]) -> Response:
        """Score one customer.

        Returns the probability that the customer leaves, the decision under a policy, and the
        terms of the score with the largest effects. Unknown features may be left out or null.
        """
        # A Response: flask-smorest then documents the schema without dumping through it, which
        # takes longer than the score. tests/predictions checks the answers against the schema.
        one = requested_scorer(query)
        with timed("model"):
            scored = one.score(body["features"], body["policy"], query["reasons"])
        count_predictions(scored, scored["prediction"])
        return json_response(scored)

    @blp.route("/predict/batch", methods=["POST"])
    @scope(SCOPE)
    @blp.doc(operationId="predictBatch")
    @blp.arguments(batch_request(contract), example={"customers": customers, "policy": "default"})
    @blp.arguments(PredictionQuery(), location="query")
    @blp.response(200, BatchAnswer)
    @blp.refuses(400, 413, 415, 503)
    def predict_batch(body: dict[str, Any], query: dict[str, Any]) -> Response:
        """Score up to 1,000 customers.

        Predictions come in the order given. One customer that breaks the contract refuses the
        whole batch; the problem names each fault.
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
        shared = {"model_version": first["model_version"], "policy": first["policy"]}
        return json_response(shared | {"predictions": predictions})

    return blp
