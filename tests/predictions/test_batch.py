"""`POST /predict/batch`: the same answers as one by one, and one refusal for all."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st

from app.predictions.request_schemas import BatchRequest
from app.predictions.validation import MAX_CUSTOMERS, accepts_all, read_batch
from app.releases.contract import CONTRACT
from model.scorecard import POLICIES
from tests.prediction_bodies import ANYTHING, CUSTOMERS, REQUIRED
from tests.problems import assert_problem

ROWS = st.lists(
    CUSTOMERS
    | st.tuples(
        CUSTOMERS, st.dictionaries(st.sampled_from(CONTRACT.names), ANYTHING, max_size=1)
    ).map(lambda pair: {**pair[0], **pair[1]})
    | ANYTHING,
    max_size=4,
)

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


@given(ROWS)
@settings(max_examples=400)
def test_by_column_accepts_what_by_row_accepts(rows: list[Any]) -> None:
    by_row = all(type(row) is dict and CONTRACT.accepts(row) for row in rows)
    assert accepts_all(CONTRACT, rows) == by_row


@given(BODIES)
@settings(max_examples=400)
def test_by_column_reads_exactly_what_the_schema_reads(body: dict[str, Any]) -> None:
    quick = read_batch(body)
    errors = super(BatchRequest, BatchRequest()).validate(body)
    assert (quick is not None) == (not errors), errors
    if quick is not None:
        assert quick == super(BatchRequest, BatchRequest()).load(body)


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


def test_a_batch_has_one_to_a_thousand_customers(client: FlaskClient) -> None:
    for count, status in ((0, 422), (1, 200), (MAX_CUSTOMERS, 200), (MAX_CUSTOMERS + 1, 422)):
        customers = [{"id": str(i), "features": REQUIRED} for i in range(count)]
        response = client.post("/predict/batch", json={"customers": customers})
        assert response.status_code == status, count
