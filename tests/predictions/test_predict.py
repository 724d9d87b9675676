"""`POST /predict`: the answer, its arithmetic and its words."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from math import log
from typing import Any
from unittest.mock import patch

import jsonschema
import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st

from app.config import Settings
from app.predictions import reasons
from app.predictions.request_schemas import prediction_request
from app.predictions.scorer import Scorer
from app.predictions.validation import read_request
from app.releases.registry import ReleaseRegistry
from model.bins import Bins
from model.scorecard import POLICIES, Term
from tests.prediction_bodies import CONTRACT, CUSTOMERS, NEARLY, REQUIRED
from tests.problems import assert_problem


def post(client: FlaskClient, features: dict[str, Any], query: str = "", **body: Any) -> Any:
    response = client.post(f"/predict{query}", json={"features": features, **body})
    assert response.status_code == 200, response.text
    return response.get_json()


@given(CUSTOMERS)
@settings(max_examples=200)
def test_baseline_and_effects_give_the_probability_back(
    app: Flask, features: dict[str, Any]
) -> None:
    """With the effect of the unknown they add up to the logit, to 1e-9."""
    answer = post(app.test_client(), features)
    total = (
        answer["baseline"]
        + sum(reason["effect"] for reason in answer["reasons"])
        + answer["other_effects"]
        + answer["unknown"]["effect"]
    )
    p = answer["churn_probability"]
    assert total == pytest.approx(math.log(p / (1 - p)), abs=1e-9)
    assert answer["missing_features"] == [n for n in CONTRACT.names if features.get(n) is None]


@given(CUSTOMERS)
def test_the_range_holds_the_probability(app: Flask, features: dict[str, Any]) -> None:
    """And says which features are unknown; no reason is about one of them."""
    answer = post(app.test_client(), features, "?reasons=100")
    unknown, p = answer["unknown"], answer["churn_probability"]
    low, high = unknown["range"]
    assert 0 <= low <= p <= high <= 1
    assert unknown["features"] == answer["missing_features"]
    assert unknown["ask_next"] in (unknown["features"] or [None])
    assert unknown["coverage"] == 0.9
    if not unknown["features"]:
        assert (low, high, unknown["effect"]) == (p, p, 0)
    told = {name for reason in answer["reasons"] for name in reason["feature"].split(" x ")}
    assert not told & set(unknown["features"])


def test_what_is_asked_next_narrows_the_range(client: FlaskClient) -> None:
    """Until all is known, and the probability is the complete one."""
    features, example = dict(REQUIRED), CONTRACT.example()
    widths = []
    while asked := (unknown := post(client, features)["unknown"])["ask_next"]:
        ends = [log(p / (1 - p)) for p in unknown["range"]]
        widths.append(ends[1] - ends[0])
        features[asked] = example[asked]
    assert features == example
    assert len(widths) == len(CONTRACT.names) - len(CONTRACT.required)
    assert widths == sorted(widths, reverse=True)


def test_null_and_absent_are_the_same(client: FlaskClient) -> None:
    nulls = {name: None for name in CONTRACT.names if name not in REQUIRED}
    assert post(client, {**REQUIRED, **nulls}) == post(client, REQUIRED)


def test_a_release_that_cannot_infer_says_so(client: FlaskClient) -> None:
    """Release 1.0.0 has no factors: an unknown feature adds 0, and there is no range."""
    found = post(client, REQUIRED, "?version=1.0.0&reasons=100")
    assert found["unknown"] == {
        "features": found["missing_features"],
        "effect": 0,
        "range": None,
        "coverage": None,
        "ask_next": None,
    }
    complete = post(client, CONTRACT.example(), "?version=1.0.0")
    assert complete["unknown"]["range"] == [complete["churn_probability"]] * 2


@given(NEARLY)
@settings(max_examples=500)
def test_one_pass_reads_exactly_what_the_schema_reads(body: dict[str, Any]) -> None:
    """The one-pass reader and marshmallow accept the same bodies and read them the same way."""
    quick, schema = read_request(CONTRACT, body), prediction_request(CONTRACT)
    errors = super(type(schema), schema).validate(body)
    assert (quick is not None) == (not errors), errors
    if quick is not None:
        assert quick == super(type(schema), schema).load(body)


def test_every_answer_fits_the_published_schema(client: FlaskClient) -> None:
    document = client.get("/openapi.json").get_json()
    schema = {"$ref": "#/components/schemas/Prediction", **document}
    jsonschema.validate(post(client, CONTRACT.example()), schema)
    jsonschema.validate(post(client, REQUIRED, "?reasons=0"), schema)


def test_five_reasons_largest_first_none_zero(client: FlaskClient) -> None:
    effects = [reason["effect"] for reason in post(client, CONTRACT.example())["reasons"]]
    assert len(effects) == 5
    assert effects == sorted(effects, key=abs, reverse=True)
    assert all(effects)


def test_with_every_reason_listed_nothing_is_left(client: FlaskClient) -> None:
    assert post(client, CONTRACT.example(), "?reasons=100")["other_effects"] == 0


def test_reasons_ask_for_more_or_fewer(client: FlaskClient) -> None:
    assert post(client, CONTRACT.example(), "?reasons=0")["reasons"] == []
    everything = post(client, CONTRACT.example(), "?reasons=100")
    assert len(everything["reasons"]) > 5
    assert everything["other_effects"] == pytest.approx(0, abs=1e-12)


def test_a_reason_gives_the_odds_in_words(client: FlaskClient) -> None:
    reasons = {r["feature"]: r for r in post(client, REQUIRED, "?reasons=100")["reasons"]}
    contract = reasons["contract"]
    assert contract["value"] == "Month-to-month"
    times = f"{math.exp(contract['effect']):.2g} times the average customer's"
    assert contract["text"].endswith(f"odds of leaving {times}")
    assert "12 months" in reasons["tenure"]["text"]


@pytest.mark.parametrize(
    ("feature", "value", "words"),
    [
        ("contract", "One year", "One year contract"),
        ("internet_service", "No", "No internet service"),
        ("senior_citizen", False, "Senior citizen (no)"),
        ("paperless_billing", True, "Paperless billing (yes)"),
        ("online_security", "Yes", "Online security (yes)"),
        ("online_security", "No internet service", "Online security (no internet service)"),
        ("monthly_charges", 20.0, "Monthly charges 20 US dollars"),
        ("tenure", 1, "Tenure 1 month"),
        ("total_charges", None, "Total charges not known"),
    ],
)
def test_a_reason_names_the_value_in_words(
    client: FlaskClient, feature: str, value: Any, words: str
) -> None:
    """The text is one sentence with one colon, from the contract's labels and units.

    Release 1.0.0 has points for a missing value.
    """
    version = "&version=1.0.0" if value is None else ""
    answer = post(client, {**CONTRACT.example(), feature: value}, f"?reasons=100{version}")
    (text,) = (r["text"] for r in answer["reasons"] if r["feature"] == feature)
    assert text.startswith(f"{words}: odds of leaving ")
    assert text.count(":") == 1


def test_a_pair_names_both_values() -> None:
    """Unknown values have a reason, too."""
    term = Term(
        ("tenure", "contract"),
        (Bins(edges=(6.5,)), Bins(values=CONTRACT.by_name["contract"].values)),
        [[1.0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, log(3)]],
    )
    release = ReleaseRegistry(Settings().model_dir).serving
    assert release is not None
    one = Scorer(replace(release.scorecard, terms=(term,)), CONTRACT)
    (reason,) = one.score({"tenure": 3.0, "contract": "Month-to-month"})["reasons"]
    assert (reason["feature"], reason["value"]) == ("tenure x contract", [3, "Month-to-month"])
    assert reason["text"].startswith("Tenure 3 months and Month-to-month contract: odds of leaving")
    assert one.score({"tenure": 3, "contract": "One year"})["reasons"] == []
    (unknown,) = one.score({})["reasons"]
    assert (unknown["value"], unknown["effect"]) == ([None, None], log(3))
    assert "3 times" in unknown["text"]


@given(CUSTOMERS, st.data())
@settings(max_examples=50)
def test_reasons_are_told_alike_whoever_came_before(features: dict[str, Any], data: Any) -> None:
    """Cached reasons are exact: 12.0 and 12, and other customers' values, don't mix."""
    release = ReleaseRegistry(Settings().model_dir).serving
    assert release is not None
    used = Scorer(release.scorecard, CONTRACT)
    with patch.object(reasons, "MOST_KEPT", 2):
        for before in data.draw(st.lists(CUSTOMERS, max_size=5)):
            used.score(before, most=100)
        same = {
            name: float(value) if type(value) is int else value for name, value in features.items()
        }
        fresh = Scorer(release.scorecard, CONTRACT).score(features, most=100)
        for customer in (same, features):
            assert repr(used.score(customer, most=100)) == repr(fresh)


@pytest.mark.parametrize("policy", POLICIES)
def test_the_policy_decides_at_its_threshold(client: FlaskClient, policy: str) -> None:
    answer = post(client, REQUIRED, policy=policy)
    churns = answer["churn_probability"] >= answer["policy"]["threshold"]
    assert answer["policy"]["name"] == policy
    assert answer["prediction"] == ("churn" if churns else "no_churn")
    p = answer["churn_probability"]
    assert answer["confidence"] == (p if churns else 1 - p)


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("?reasons=-1", "reasons"),
        ("?reasons=x", "reasons"),
        ("?reasons=101", "reasons"),
        ("?reasons=1_0", "reasons"),
        ("?reasons=%2B5", "reasons"),
        ("?reasons=%D9%A3", "reasons"),
        ("?reasons=1&reasons=2", "reasons"),
        ("?reason=1", "reason"),
        ("?_schema=1", "_schema"),
        ("?_schema", "_schema"),
    ],
)
def test_a_wrong_option_names_itself(client: FlaskClient, query: str, parameter: str) -> None:
    response = client.post(f"/predict{query}", json={"features": REQUIRED})
    (error,) = assert_problem(response, 422, "invalid-input")["errors"]
    assert error["parameter"] == parameter


def test_a_misspelt_feature_is_answered_with_the_right_name(client: FlaskClient) -> None:
    response = client.post("/predict", json={"features": {**REQUIRED, "tenuer": 1}})
    (error,) = assert_problem(response, 422, "invalid-input")["errors"]
    assert "did you mean tenure?" in error["detail"]


@pytest.mark.parametrize("pointer", ["/_schema", "/features/_schema"])
def test_the_name_that_marshmallow_keeps_for_itself_is_one_like_others(
    client: FlaskClient, pointer: str
) -> None:
    features: dict[str, Any] = {**REQUIRED, **({"_schema": 3} if "features" in pointer else {})}
    body = {"features": features, **({} if "features" in pointer else {"_schema": 3})}
    (error,) = assert_problem(client.post("/predict", json=body), 422, "invalid-input")["errors"]
    assert (error["pointer"], error["value"]) == (pointer, 3)
    assert error["detail"].startswith("There is no such ")


@pytest.mark.parametrize("path", ["/predict", "/predict/batch"])
def test_a_compressed_body_is_415(client: FlaskClient, path: str) -> None:
    """Even if it declares JSON."""
    headers = {"Content-Encoding": "gzip"}
    response = client.post(path, json={"features": REQUIRED}, headers=headers)
    assert "gzip" in assert_problem(response, 415, "unsupported-media-type")["detail"]


@pytest.mark.parametrize("path", ["/predict", "/predict/batch"])
@pytest.mark.parametrize("encoding", ["identity", "Identity", "IDENTITY, identity", ""])
def test_identity_is_no_encoding(client: FlaskClient, path: str, encoding: str) -> None:
    """In whatever letters."""
    body: dict[str, Any] = {"features": REQUIRED}
    body = body if path == "/predict" else {"customers": [{"id": "a", **body}]}
    answer = client.post(path, json=body, headers={"Content-Encoding": encoding})
    assert answer.status_code == 200


@pytest.mark.parametrize("encoding", ["gzip", "identity, br", "identity;q=1"])
def test_any_other_encoding_is_415(client: FlaskClient, encoding: str) -> None:
    headers = {"Content-Encoding": encoding}
    response = client.post("/predict", json={"features": REQUIRED}, headers=headers)
    assert_problem(response, 415, "unsupported-media-type")


def test_another_method_is_405_with_allow(client: FlaskClient) -> None:
    """GET is a page's, at the same address."""
    response = client.delete("/predict")
    assert_problem(response, 405, "method-not-allowed")
    assert set(response.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST"}


def test_headers_of_every_answer(client: FlaskClient) -> None:
    """A request id is kept if it is safe to print; otherwise a new one is made."""
    for path in ("/health/live", "/nothing-here"):
        kept = client.get(path, headers={"X-Request-ID": "abc-1"})
        assert kept.headers["X-Request-ID"] == "abc-1"
        assert float(kept.headers["Process-Time"]) > 0
        assert kept.headers["Server-Timing"].startswith("total;dur=")
        made = client.get(path, headers={"X-Request-ID": "a b<script>"})
        assert made.headers["X-Request-ID"].isalnum()


def test_the_command_answers_what_the_api_answers(
    client: FlaskClient, churn: Any, tmp_path: Any
) -> None:
    body = {"features": REQUIRED, "policy": "high_recall"}
    file = tmp_path / "customer.json"
    file.write_text(json.dumps(body))
    done = churn("predict", str(file))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == client.post("/predict", json=body).get_json()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "Expecting property name"),
        ('{"features": {"tenure": 12}}', "/features/contract"),
        ('{"features": {"tenure": "12", "contract": "One year", "monthly_charges": 1}}', '"12"'),
    ],
    ids=["not JSON", "required left out", "wrong type"],
)
def test_the_command_names_file_and_field(churn: Any, tmp_path: Any, text: str, says: str) -> None:
    file = tmp_path / "customer.json"
    file.write_text(text)
    done = churn("predict", str(file))
    assert done.returncode == 2
    assert says in done.stderr
    assert all(line.startswith(str(file)) for line in done.stderr.splitlines())
    assert "Traceback" not in done.stderr


def test_an_unreadable_file_is_wrong_usage(churn: Any) -> None:
    done = churn("predict", "/nowhere.json")
    assert done.returncode == 2
    assert "/nowhere.json" in done.stderr


def test_a_whole_float_is_an_integer(client: FlaskClient) -> None:
    """12.0 is an integer to JSON Schema; JavaScript cannot tell the two apart."""
    answer = post(client, {**REQUIRED, "tenure": 12.0})
    assert answer["churn_probability"] == post(client, REQUIRED)["churn_probability"]
    assert "12 months" in next(r["text"] for r in answer["reasons"] if r["feature"] == "tenure")
