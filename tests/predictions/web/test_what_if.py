"""What the model would say of other values, without scripts."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from app.predictions.web.form_values import as_text
from app.predictions.web.risk_words import odds, percent
from app.predictions.web.sliders import slider
from app.services import services_of
from model.features import Value
from tests.prediction_bodies import CONTRACT, good
from tests.predictions.web.form_reader import fields, part, rows

WHAT_IF = "/predict/what-if"
CUSTOMER = {**CONTRACT.example(), "tech_support": None}
NOT_CAUSAL = "This is what the model would say of such a customer, not what a change would cause."


def predict(client: FlaskClient, features: dict[str, Any]) -> dict[str, Any]:
    body = {"features": features}
    found: dict[str, Any] = client.post("/predict?reasons=100", json=body).get_json()
    return found


def asked(client: FlaskClient) -> dict[str, str]:
    """What the form of a customer's answer sends."""
    sent = {name: as_text(value) for name, value in CUSTOMER.items()}
    return fields(client.post("/predict/answer", data=sent).text, WHAT_IF)


def test_it_offers_only_what_can_be_changed(client: FlaskClient) -> None:
    offered = {name for name in asked(client) if not name.startswith(("was.", "."))}
    assert offered == {f.name for f in CONTRACT.features if f.actionable}


def test_it_says_what_the_model_would_say(client: FlaskClient) -> None:
    page = client.post(WHAT_IF, data={**asked(client), "contract": "Two year"}).text
    before, after = predict(client, CUSTOMER), predict(client, {**CUSTOMER, "contract": "Two year"})
    was, now = percent(before["churn_probability"]), percent(after["churn_probability"])
    said = f"With these values the model would say {now} instead of {was}."
    assert part(page, "p", 'id="what-if-said"') == said
    assert NOT_CAUSAL in page
    effects = [
        odds(next(r["effect"] for r in told["reasons"] if r["feature"] == "contract"))
        for told in (before, after)
    ]
    found = rows(page, "Reasons that differ")
    assert ["Month-to-month contract", effects[0], "Two year contract", effects[1]] in found
    assert {row[0] for row in found} <= {"Month-to-month contract", "What isn't known"}
    assert fields(page, WHAT_IF)["contract"] == "Two year"


def test_the_same_values_change_nothing(client: FlaskClient) -> None:
    page = client.post(WHAT_IF, data=asked(client)).text
    assert "as it does now" in part(page, "p", 'id="what-if-said"')
    assert "Reasons that differ" not in page


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"tenure": "1"}, "Tenure: This is none of the values that can be tried out"),
        ({"monthly_charges": "-1"}, "Monthly charges: Give a number from 0 to 1000"),
        ({"monthly_charges": ""}, "Monthly charges: This feature is required"),
        ({"was.tenure": "x"}, "Tenure: Give a whole number"),
        ({".policy": "none"}, "Give one of default"),
        ({"nonsense": "1"}, "nonsense: This is none of the values"),
    ],
)
def test_other_values_are_refused(client: FlaskClient, changed: dict[str, str], says: str) -> None:
    answer = client.post(WHAT_IF, data={**asked(client), **changed})
    assert answer.status_code == 422
    assert says in part(answer.text, "p", 'id="what-if-said"')


@given(value=good(CONTRACT.by_name["monthly_charges"]))
def test_a_slider_reaches_the_customer(app: Any, value: Value) -> None:
    """It spans what the model tells apart, not the thousand that the contract allows."""
    release = services_of(app).releases.serving
    assert release
    feature = CONTRACT.by_name["monthly_charges"]
    assert slider(feature, None, release.scorecard).high < 200
    slide = slider(feature, value, release.scorecard)
    assert 0 <= slide.low <= value <= slide.high <= 1000
    assert slide.step > 0


@given(value=st.integers(0, 600))
def test_a_slider_of_whole_numbers_has_whole_steps(value: int) -> None:
    slide = slider(CONTRACT.by_name["tenure"], value, None)
    assert (slide.low, slide.high, slide.step) == (0, 600, 1)
