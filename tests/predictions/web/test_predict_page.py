"""The page that scores one customer, without scripts: it says what the API says."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.predictions.web.form_values import as_text, read_features, read_value
from app.predictions.web.risk_words import log_odds, odds, percent, short_reason
from model.features import Contract, Feature, Value
from model.scorecard import POLICIES
from tests.apps import bearer, make_app
from tests.prediction_bodies import CONTRACT, CUSTOMERS, REQUIRED
from tests.predictions.web.form_reader import fields, part, rows, words

ANSWER = "/predict/answer"
FEATURES = CONTRACT.by_name
FILLED = {name: as_text(value) for name, value in REQUIRED.items()}


def predict(client: FlaskClient, features: Any, policy: str = "default") -> dict[str, Any]:
    body = {"features": features, "policy": policy}
    found: dict[str, Any] = client.post("/predict?reasons=100", json=body).get_json()
    return found


@settings(max_examples=30)
@given(customer=CUSTOMERS, policy=st.sampled_from(POLICIES))
@example(customer=CONTRACT.example(), policy="default")
def test_the_form_answers_as_the_api(app: Flask, customer: dict[str, Value], policy: str) -> None:
    """The same probability, decision, reasons and unknown features; so does its command."""
    client = app.test_client()
    sent = {name: as_text(value) for name, value in customer.items()}
    page = client.post(ANSWER, data={**sent, ".policy": policy})
    assert page.status_code == 200
    told = predict(client, customer, policy)
    assert part(page.text, "p", 'id="said"') == (
        f"Likely to leave: {percent(told['churn_probability'])}"
    )
    assert ("Counts as leaving" in page.text) == (told["prediction"] == "churn")
    reasons = [
        [short_reason(r, CONTRACT), odds(r["effect"]), log_odds(r["effect"])]
        for r in told["reasons"]
    ]
    assert rows(page.text, "Reasons, numbers")[1 : 1 + len(reasons)] == reasons
    for name in told["unknown"]["features"]:
        assert CONTRACT.by_name[name].label in page.text
    command = shlex.split(part(page.text, "code", 'id="command"').replace("&#34;", '"'))
    assert client.post("/predict?reasons=100", json=json.loads(command[-1])).get_json() == told


TEXTS = st.fixed_dictionaries(
    {},
    optional={
        feature.name: st.sampled_from([*feature.values, "true", "12", "-1", "0.5", "x", " ", "1e9"])
        | st.text(st.characters(codec="utf-8", exclude_characters=",.' \x00"), max_size=6)
        for feature in CONTRACT.features
    }
    | {"tenur": st.just("1"), ".policy": st.sampled_from([*POLICIES, "none"])},
)


@settings(max_examples=40)
@given(texts=TEXTS)
def test_its_faults_are_those_of_the_api(app: Flask, texts: dict[str, str]) -> None:
    """All at once, each beside its field and at the top; what was sent stays in the form."""
    client = app.test_client()
    page = client.post(ANSWER, data=texts)
    sent = {name: text for name, text in texts.items() if name != ".policy"}
    read = {n: read_value(FEATURES[n], t) if n in FEATURES else t for n, t in sent.items()}
    known = {name: value for name, value in read.items() if value is not None}
    told = predict(client, known, texts.get(".policy", "default"))
    faults = {
        fault["pointer"].rpartition("/")[2]: fault["detail"] for fault in told.get("errors", ())
    }
    assert page.status_code == (422 if faults else 200)
    for number, feature in enumerate(CONTRACT.features, 1):
        assert part(page.text, "p", f'id="f{number}.fault"') == faults.get(feature.name, "")
    summary = page.text.partition('id="faults"')[2].partition('<div class="halves">')[0]
    assert summary.count("<li>") == len(faults)
    for fault in faults.values():
        assert fault in words(summary)
    numbers = {n: t for n, t in sent.items() if n in FEATURES and FEATURES[n].range}
    kept = fields(page.text, ANSWER)
    assert {name: kept[name] for name in numbers} == {
        name: text.replace("\r\n", "\n") for name, text in numbers.items()
    }


@pytest.mark.parametrize(
    ("text", "value"),
    [("12", 12), (" 12 ", 12), ("12.0", 12.0), ("+12", 12), ("1e1", 10.0), ("", None), (" ", None)],
)
def test_a_number_is_read_however_it_is_written(text: str, value: Value) -> None:
    assert read_value(FEATURES["tenure"], text) == value


@pytest.mark.parametrize(
    "text",
    ["65,50", "1,000", "1 000", "1'000", "1.000,5", "nan", "1_0", "0x1", "\u0661", "9" * 5000],
)
def test_what_could_mean_two_numbers_is_refused(client: FlaskClient, text: str) -> None:
    page = client.post(ANSWER, data={**FILLED, "monthly_charges": text})
    assert page.status_code == 422
    fault = part(page.text, "p", 'id="f3.fault"')
    assert fault.startswith("Give a number from 0 to 1000 (US dollars)")
    assert ("with a point" in fault) == any(mark in text for mark in ", '")


def test_a_newcomer_needs_no_script(client: FlaskClient) -> None:
    """The form, filled in with an example by a link, answers; the values stay."""
    empty = client.get("/predict")
    assert "The answer appears here" in empty.text
    assert 'href="/predict?example=1"' in empty.text
    filled = client.get("/predict?example=1")
    expected = percent(predict(client, CONTRACT.example())["churn_probability"])
    assert f"Likely to leave: {expected}" in filled.text
    sent = fields(filled.text, ANSWER)
    answered = client.post(ANSWER, data=sent)
    assert f"Likely to leave: {expected}" in answered.text
    assert fields(answered.text, ANSWER) == sent


def test_an_answers_address_leads_to_the_form(client: FlaskClient) -> None:
    for path in (ANSWER, "/predict/what-if"):
        answer = client.get(path)
        assert (answer.status_code, answer.location) == (303, "/predict")


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"data": {**FILLED, "female": "x" * 20_000}}, 413),
        ({"data": {}}, 422),
        ({"json": {"features": REQUIRED}}, 422),
        ({"data": b"\xff=\xff", "content_type": "application/x-www-form-urlencoded"}, 422),
        ({"data": b"tenure=1&tenure=2", "content_type": "application/x-www-form-urlencoded"}, 422),
        ({"data": "&".join(f"x{i}=" for i in range(2500)), "content_type": "text/plain"}, 413),
        ({"data": {**FILLED, "female\x00": "\x00<script>"}}, 422),
    ],
)
@pytest.mark.parametrize("path", [ANSWER, "/predict/what-if"])
def test_a_bad_form_is_refused(
    client: FlaskClient, path: str, options: dict[str, Any], status: int
) -> None:
    answer = client.post(path, headers={"Accept": "text/html"}, **options)
    assert answer.status_code == status
    assert answer.mimetype == "text/html"
    assert "<script>" not in answer.text


def test_without_a_release_the_form_says_so(tmp_path: Path) -> None:
    client = make_app(model_dir=tmp_path).test_client()
    assert client.get("/predict").status_code == 200
    answer = client.post(ANSWER, data=FILLED, headers={"Accept": "text/html"})
    assert answer.status_code == 503
    assert "No release of the model is in service" in answer.text


def test_the_command_asks_for_a_key_where_one_is_needed(keyed: Flask, keys: dict[str, str]) -> None:
    client = keyed.test_client()
    page = client.get("/predict", headers=bearer(keys["predict"]))
    assert "-H 'Authorization: Bearer KEY'" in part(page.text, "code", 'id="command"')
    assert client.get("/predict", headers=bearer(keys["handbook"])).status_code == 403


def test_a_feature_may_be_called_policy() -> None:
    """The form's own fields have names with a point, which no feature has."""
    feature = Feature("policy", "Policy", "category", "Insurance", "Home", values=("Home", "Car"))
    form = {"policy": ["Car"], ".policy": ["default"]}
    assert read_features(Contract((feature,)), form) == ({"policy": "Car"}, {})
