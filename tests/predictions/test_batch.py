"""`POST /predict/batch`: the same answers as one by one, and one refusal for all."""

from __future__ import annotations

import json
import math
from typing import Any
from unittest.mock import patch

import marshmallow as ma
import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st

from app.application import MAX_BODY
from app.http.validation_faults import MAX_FAULTS, body_faults
from app.predictions.request_schemas import batch_request
from app.predictions.validation import MAX_CUSTOMERS, count_faults, read_batch
from model.features import Feature
from model.scorecard import POLICIES
from tests.prediction_bodies import ANYTHING, CONTRACT, CUSTOMERS, REQUIRED
from tests.problems import assert_problem

BODIES = st.fixed_dictionaries(
    {},
    optional={
        "customers": st.lists(
            st.fixed_dictionaries(
                {},
                optional={
                    "id": st.text(max_size=70) | ANYTHING,
                    "features": CUSTOMERS | ANYTHING,
                    "x": st.none(),
                },
            )
            | st.fixed_dictionaries({"id": st.text(min_size=1, max_size=5), "features": CUSTOMERS})
            | ANYTHING,
            max_size=3,
        )
        | ANYTHING,
        "policy": ANYTHING | st.sampled_from(POLICIES),
    },
)


ODD = (
    ANYTHING
    | st.integers(-1, 1001)
    | st.integers(-1, 601).map(float)
    | st.floats(-1, 1001)
    | st.sampled_from([-0.0, 12.0, 12.5, 600.0, 600.0001, 10**400, math.nan, math.inf, "yes"])
)


@st.composite
def odd_batches(draw: st.DrawFn) -> dict[str, Any]:
    """Customers that keep the contract, but for a member or a feature of some."""
    customers = [{"id": f"c{i}", "features": f} for i, f in enumerate(draw(st.lists(CUSTOMERS)))]
    for customer in customers:
        kind = draw(st.sampled_from(["good", "good", "value", "name", "swap", "id", "member"]))
        features: Any = customer["features"]
        name = draw(st.sampled_from(CONTRACT.names))
        if kind == "value":
            features[name] = draw(ODD)
        elif kind == "name":
            features["tenur"] = draw(ODD)
        elif kind == "swap":  # as many names as before, one of them unknown
            features["tenur"] = features.pop(name, None)
        elif kind == "id":
            customer["id"] = draw(ODD | st.sampled_from(["", "a\n", "a" * 64, "a" * 65]))
        elif kind == "member":
            customer[draw(st.sampled_from(["features", "ID"]))] = draw(ODD)
    return {"customers": customers}


@given(BODIES | odd_batches())
@settings(max_examples=600)
def test_one_pass_reads_exactly_what_the_schema_reads(body: dict[str, Any]) -> None:
    quick, schema = read_batch(CONTRACT, body), batch_request(CONTRACT)
    errors = super(type(schema), schema).validate(body)
    assert (quick is not None) == (not errors), errors
    if quick is not None:
        assert quick == super(type(schema), schema).load(body)


@given(st.lists(CUSTOMERS, min_size=1, max_size=5), st.sampled_from(POLICIES))
@settings(max_examples=50)
def test_a_batch_answers_what_single_calls_answer(
    app: Flask, rows: list[dict[str, Any]], policy: str
) -> None:
    """In the order given, each with its id."""
    client = app.test_client()
    customers = [{"id": f"c{i}", "features": row} for i, row in enumerate(rows)]
    batch = client.post("/predict/batch", json={"customers": customers, "policy": policy})
    answer = batch.get_json()
    singles = [
        client.post("/predict", json={"features": row, "policy": policy}).get_json() for row in rows
    ]
    assert answer["predictions"] == [{"id": f"c{i}", **s} for i, s in enumerate(singles)]
    assert answer["policy"] == singles[0]["policy"]
    assert answer["model_version"] == singles[0]["model_version"]


def test_each_bad_customer_is_named(client: FlaskClient) -> None:
    customers = [{"id": str(i), "features": dict(REQUIRED)} for i in range(5)]
    customers[1]["features"]["tenure"] = -1  # type: ignore[index]
    customers[3]["features"]["contract"] = "Weekly"  # type: ignore[index]
    customers[3]["features"]["monthly_charges"] = None  # type: ignore[index]
    response = client.post("/predict/batch", json={"customers": customers})
    problem = assert_problem(response, 422, "invalid-input")
    assert {error["pointer"]: error["value"] for error in problem["errors"]} == {
        "/customers/1/features/tenure": -1,
        "/customers/3/features/contract": "Weekly",
        "/customers/3/features/monthly_charges": None,
    }


@given(BODIES)
@settings(max_examples=400)
def test_faults_are_counted_as_the_schema_finds_them(body: dict[str, Any]) -> None:
    """The count is right, although only the first faults are described."""
    customers = body.get("customers")
    schema = batch_request(CONTRACT).fields["customers"].inner.schema  # type: ignore[attr-defined]
    for customer in customers if isinstance(customers, list) else ():
        found = body_faults(schema.validate(customer), customer)
        assert count_faults(CONTRACT, customer) == found[1]


@pytest.mark.parametrize("faults", [MAX_FAULTS - 1, MAX_FAULTS, MAX_FAULTS + 1, MAX_CUSTOMERS])
def test_of_many_faults_the_first_are_listed_and_all_are_counted(
    client: FlaskClient, faults: int
) -> None:
    good, bad = {"id": "a", "features": REQUIRED}, {"id": "", "features": REQUIRED}
    customers = [good, *[bad] * (faults - 1), {"id": "a", "features": {**REQUIRED, "tenure": -1}}]
    body = {"customers": customers[-MAX_CUSTOMERS:], "policy": "default"}
    problem = assert_problem(client.post("/predict/batch", json=body), 422, "invalid-input")
    assert problem["error_count"] == faults
    assert len(problem["errors"]) == min(faults, MAX_FAULTS)
    first = len(body["customers"]) - faults
    assert problem["errors"][0]["pointer"] == f"/customers/{first}/id"
    assert problem["detail"].startswith(f"{faults} values in the body cannot be used")


def test_a_fault_beside_the_customers_is_named_too(client: FlaskClient) -> None:
    body = {"customers": [{"id": "a", "features": []}] * MAX_CUSTOMERS, "policy": "none"}
    problem = assert_problem(client.post("/predict/batch", json=body), 422, "invalid-input")
    assert problem["error_count"] == MAX_CUSTOMERS + 1


def test_what_an_answer_to_a_bad_batch_costs_does_not_grow_with_it(client: FlaskClient) -> None:
    """A thousand customers with every feature wrong: few faults are described, all counted."""
    wrong = {name: {"none": 1} for name in CONTRACT.names}
    customers = [{"id": str(i), "features": wrong} for i in range(MAX_CUSTOMERS)]
    with patch.object(ma.Schema, "_do_load", autospec=True, side_effect=ma.Schema._do_load) as load:
        response = client.post("/predict/batch", json={"customers": customers})
    problem = assert_problem(response, 422, "invalid-input")
    assert problem["error_count"] == MAX_CUSTOMERS * len(CONTRACT.names)
    assert load.call_count < MAX_FAULTS
    assert len(response.data) < 50_000


def longest(feature: Feature) -> Any:
    """The longest value of a feature."""
    if feature.type == "category":
        return max(feature.values, key=len)
    if feature.type == "boolean":
        return False
    high = feature.maximum or 0
    return int(high) if feature.type == "integer" else high - 0.123456789


@pytest.mark.parametrize("indent", [None, 2, 4])
def test_the_largest_batch_of_the_contract_fits_into_a_body(
    client: FlaskClient, indent: int | None
) -> None:
    """Every feature at its longest, ids of 64 characters that JSON escapes, indented."""
    features = {feature.name: longest(feature) for feature in CONTRACT.features}
    customers = [{"id": f"{i:04}" + "é" * 60, "features": features} for i in range(MAX_CUSTOMERS)]
    body = json.dumps({"customers": customers, "policy": "high_precision"}, indent=indent)
    assert len(body) <= MAX_BODY * 2 / 3
    answer = client.post("/predict/batch", data=body, content_type="application/json")
    assert answer.status_code == 200, answer.text[:200]


@pytest.mark.parametrize("chunked", [False, True], ids=["with its length", "in pieces"])
def test_a_body_beyond_the_limit_is_413(client: FlaskClient, chunked: bool) -> None:
    options: dict[str, Any] = {"content_type": "application/json"}
    if chunked:
        options["environ_overrides"] = {"CONTENT_LENGTH": None, "wsgi.input_terminated": True}
    response = client.post("/predict/batch", data=b" " * (MAX_BODY + 1), **options)
    assert_problem(response, 413, "too-large")


def test_a_batch_has_one_to_a_thousand_customers(client: FlaskClient) -> None:
    for count, status in ((0, 422), (1, 200), (MAX_CUSTOMERS, 200), (MAX_CUSTOMERS + 1, 422)):
        customers = [{"id": str(i), "features": REQUIRED} for i in range(count)]
        response = client.post("/predict/batch", json={"customers": customers})
        assert response.status_code == status, count
