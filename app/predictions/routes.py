"""`POST /predict`, documented; `service.py` answers."""

from __future__ import annotations

from flask import Flask, Response, request

from app.access import scope
from app.http.blueprint import Blueprint
from app.http.request_parsing import json_body
from app.http.request_reading import JSON
from app.predictions.request_schemas import PredictionQuery, batch_request, prediction_request
from app.predictions.response_schemas import BatchAnswer, Prediction
from app.predictions.service import BATCH_PATH, PATH, SCOPE, PredictionService
from app.services import services, services_of
from model.features import Contract


def init_app(app: Flask) -> None:
    """Make the service that answers predictions."""
    known = services_of(app)
    known.predictions = PredictionService(known.releases)


def blueprint(contract: Contract) -> Blueprint:
    """Make the routes for requests that keep this contract."""
    blp = Blueprint("predictions", __name__, description="Scores with exact reasons")
    example = contract.example()
    least = {name: example[name] for name in contract.required}
    customers = [{"id": "a-1", "features": example}, {"id": "a-2", "features": least}]

    # Responses: flask-smorest then documents the schema without dumping through it, which takes
    # longer than the score. tests/predictions checks the answers against the schema.

    @blp.route(PATH, methods=["POST"])
    @scope(SCOPE)
    @blp.doc(operationId="predict")
    @blp.describes(prediction_request(contract), example={"features": example, "policy": "default"})
    @blp.describes(PredictionQuery(), location="query")
    @blp.response(200, Prediction)
    @blp.refuses(400, 413, 415, 503)
    def predict() -> Response:
        """Score one customer.

        Returns the probability that the customer leaves, the decision under a policy, and the
        terms of the score with the largest effects. Unknown features may be left out or null.
        """
        answer = services().predictions.predict(json_body(), request.query_string)
        return Response(answer, content_type=JSON)

    @blp.route(BATCH_PATH, methods=["POST"])
    @scope(SCOPE)
    @blp.doc(operationId="predictBatch")
    @blp.describes(batch_request(contract), example={"customers": customers, "policy": "default"})
    @blp.describes(PredictionQuery(), location="query")
    @blp.response(200, BatchAnswer)
    @blp.refuses(400, 413, 415, 503)
    def predict_batch() -> Response:
        """Score up to 1,000 customers.

        Predictions come in the order given. One customer that breaks the contract refuses the
        whole batch; the problem names each fault.
        """
        parts = services().predictions.predict_batch(json_body(), request.query_string)
        return Response(b"".join(parts), content_type=JSON)

    return blp
