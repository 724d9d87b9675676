"""The pages of one prediction: a form, its answer, and what the model would say otherwise."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, redirect, render_template, request
from werkzeug.wrappers import Response

from app.access import scope
from app.http.api import Api, describe_view
from app.http.curl_command import curl_predict
from app.http.url_prefix import address
from app.http.validation_faults import MAX_FAULTS
from app.observability.timing import timed
from app.predictions.service import SCOPE, scorer
from app.predictions.web import predict_form, sliders
from app.predictions.web.form_values import (
    as_text,
    in_words,
    read_change,
    read_features,
    read_policy,
)
from app.predictions.web.risk_words import exact_percent, log_odds, odds, percent
from app.predictions.web.waterfall import EVERY_REASON, waterfall
from app.predictions.web.what_if import Outcome, outcome
from app.releases import require_serving_release
from app.services import services
from model.features import Contract, Feature, Value

MAX_FORM = 16 * 1024
"""Bytes of a form; a customer has less than two thousand."""

blp = Blueprint(
    "predict-pages",
    __name__,
    template_folder="templates",
    static_folder="static",
    static_url_path="/static/predict",
)
for words in (percent, exact_percent, odds, log_odds, as_text, in_words, predict_form.limits):
    blp.add_app_template_filter(words)


@blp.app_template_global()
def slider(feature: Feature, value: Value) -> sliders.Slider:
    """Return the range of a feature's slider, for the release in service."""
    release = services().releases.serving
    return sliders.slider(feature, value, release.scorecard if release else None)


@blp.before_request
def limit() -> None:
    """Refuse a form that is too large before it is read."""
    request.max_content_length = MAX_FORM


@blp.get("/predict")
@scope(SCOPE)
def ask() -> tuple[str, int]:
    """Show the form: empty, or filled with the contract's example and answered."""
    if "example" in request.args:
        return _page(predict_form.example(services().releases.contract))
    return _page(None)


@blp.post("/predict/answer")
@scope(SCOPE)
def answer() -> tuple[str, int]:
    """Answer the form, or name all that is wrong with it."""
    return _page(request.form.to_dict(flat=False))


@blp.post("/predict/what-if")
@scope(SCOPE)
def try_out() -> tuple[str, int]:
    """Say what the model would say of the customer with other values."""
    release = require_serving_release()
    contract = services().releases.contract
    texts = request.form.to_dict(flat=False)
    features, changed, faults = read_change(contract, texts)
    policy, wrong = read_policy(texts, release.scorecard.policies)
    faults |= wrong
    if faults:
        made, status = Outcome(changed, _refusal(contract, faults), [], refused=True), _refused()
    else:
        before = score(features, policy)
        after = score({**features, **changed}, policy)
        made, status = outcome(before, after, changed, release.contract), 200
    page = render_template(
        "what-if-page.html", features=features, policy=policy, contract=contract, outcome=made
    )
    return page, status


@blp.get("/predict/answer")
@blp.get("/predict/what-if")
@scope(SCOPE)
def again() -> Response:
    """Lead to the form: someone opened the address of an answer."""
    return redirect(address("/predict"), 303)


def describe(app: Flask, api: Api) -> None:
    """Add the form to the OpenAPI document: it shares the address of `POST /predict`."""
    describe_view(
        app,
        api,
        "/predict",
        name="showPredictionForm",
        tag=("predictions", ""),
        summary="Show a form that scores one customer in a browser.",
        content={"text/html": {"schema": {"type": "string"}}},
    )


def score(features: dict[str, Any], policy: str) -> dict[str, Any]:
    """Score a customer with all reasons. Those that someone tries out don't count as scored.

    Raises:
        Problem: 503, no release is in service.
    """
    one = scorer(require_serving_release())
    with timed("model"):
        return one.score(features, policy, EVERY_REASON)


def _refused() -> int:
    """Return the status of a form with faults; browsers report a script's 422 on their console."""
    return 200 if "live" in request.args else 422


def _refusal(contract: Contract, faults: dict[str, str]) -> str:
    known = contract.by_name
    said = [f"{known[n].label if n in known else n}: {fault}." for n, fault in faults.items()]
    return " ".join(["No answer.", *said[:MAX_FAULTS]])


def _page(texts: predict_form.Texts | None) -> tuple[str, int]:
    """Show the form with these texts, and their answer if there are any."""
    known = services()
    contract, release = known.releases.contract, known.releases.serving
    features, faults = read_features(contract, texts or {})
    policies = release.scorecard.policies if release else {}
    policy, wrong = read_policy(texts or {}, policies) if release else ("default", {})
    faults = {} if texts is None else faults | wrong
    scored = None if faults or texts is None else score(features, policy)
    page = render_template(
        "predict.html",
        form=predict_form.form(contract, texts or {}, faults, policy, policies),
        contract=contract,
        release=release,
        features=features,
        scored=scored,
        made=waterfall(scored, release.contract) if scored and release else None,
        labels=lambda names: predict_form.labels(contract, names),
        command=curl_predict(
            {"features": features if scored else contract.example(), "policy": policy},
            request.url_root[:-1],
            keyed=known.guard.keys is not None,
        ),
    )
    return page, _refused() if faults else 200
