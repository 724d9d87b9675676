"""Search and wrong addresses of the service itself lead to the page that helps."""

from __future__ import annotations

import json
import re
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.resilience.unavailable import DependencyUnavailable
from app.services import services_of
from tests.apps import bearer
from tests.handbook.conftest import SAMPLE, make_app

DATABASE = "/runbooks/database-slow-or-down"
CACHE = "/runbooks/cache-miss-storm"
DOWN = "/runbooks/service-down"
LATENCY = "/runbooks/high-api-latency"
ERRORS = "/runbooks/high-error-rate"
LOG_LINE = json.dumps(
    {
        "time": "2026-11-29T10:00:00.000+00:00",
        "level": "WARNING",
        "logger": "app.resilience.circuit_breaker",
        "message": "database is unavailable: OperationalError: connection failed: connection to "
        'server at "10.0.0.5", port 5432 failed: Connection refused',
        "request_id": "0f3c2b1a9d8e7f6a5b4c3d2e1f0a9b8c",
    }
)
TRACEBACK = (
    'Traceback (most recent call last):\n  File "/srv/app/cache.py", line 1, in get\n'
    "redis.exceptions.ConnectionError: Error 111 connecting to redis:6379. Connection refused."
)


@pytest.mark.parametrize(
    ("query", "page"),
    [
        ("OperationalError", DATABASE),
        ("psycopg.OperationalError: connection refused", DATABASE),
        ("database is locked", DATABASE),
        ("sorry, too many clients already", DATABASE),
        ("canceling statement due to statement timeout", DATABASE),
        pytest.param(LOG_LINE, DATABASE, id="a line of the log"),
        ("redis.exceptions.ConnectionError", CACHE),
        ("cache is unavailable", CACHE),
        pytest.param(TRACEBACK, CACHE, id="a traceback"),
        ("OOMKilled", LATENCY),
        ("SIGKILL", LATENCY),
        ("p95", LATENCY),
        ("http_request_duration_seconds", LATENCY),
        ("churn_worker_processor_seconds_total", LATENCY),
        ("[2026-11-29 10:00:00 +0000] [7] [CRITICAL] WORKER TIMEOUT (pid:12)", DOWN),
        ("CrashLoopBackOff", DOWN),
        ("503", ERRORS),
        ("500", ERRORS),
        ("429", "/problems/rate-limited"),
        ("customers at risk", "/customers"),
        ("who will leave", "/customers"),
        ("wa-0010", "/customers/wa-0010"),
        ("upload", "/upload"),
        ("sign in", "/sign-in"),
        ("predict", "/predict"),
        ("model card", "/model-card"),
        ("swagger", "/docs"),
        ("first day", "/guides/onboarding"),
    ],
)
def test_the_words_of_an_incident_lead_to_its_page(
    client: FlaskClient, query: str, page: str
) -> None:
    found = client.get("/search.json", query_string={"q": query}).get_json()["results"]
    assert found[0]["url"].partition("#")[0] == page


@pytest.mark.parametrize("query", ["p95", "database", "model", "churn", "503", "SIGKILL", "of"])
def test_snippets_are_sentences_or_commands(client: FlaskClient, query: str) -> None:
    """No sign of a table, a block or an emphasis is left of the markdown."""
    for result in client.get("/search.json", query_string={"q": query}).get_json()["results"]:
        snippet = re.sub("</?mark>", "", result["snippet"])
        if not snippet.startswith("<code>"):
            assert not re.search(r"\*\*|`|(^|\s)(\||#+)\s|\]\(", snippet), result


def test_the_words_are_marked_where_most_of_them_are(client: FlaskClient) -> None:
    found = client.get("/search.json?q=WORKER+TIMEOUT+hung").get_json()["results"][0]
    assert "gunicorn logs <mark>WORKER</mark> <mark>TIMEOUT</mark>" in found["snippet"]
    assert "<mark>hung</mark>" in found["snippet"]


def test_a_correction_is_said_and_can_be_refused(client: FlaskClient) -> None:
    page = client.get("/search?q=latancy").text
    assert "Showing results for <strong>latency</strong>" in page
    assert client.get("/search.json?q=latancy").get_json()["corrected"] == "latency"
    refused = re.search(r'<a href="([^"]+)">Search instead for latancy', page)
    assert refused
    assert "No results for “latancy”" in client.get(refused[1].replace("&amp;", "&")).text
    assert "Showing results" not in client.get("/search?q=latency").text


def test_pages_with_some_of_the_words_say_so(client: FlaskClient) -> None:
    assert "No page has all of these words" in client.get("/search?q=latency+zebra+redis").text


def test_an_empty_search_offers_ways_in(client: FlaskClient) -> None:
    """Each way leads somewhere."""
    page = client.get("/search").text.partition("<main")[2].partition("</main>")[0]
    ways = re.findall(r'<a href="([^"]+)"', page)
    assert {"/runbooks", "/adrs", "/guides", LATENCY, DOWN} <= set(ways)
    assert {client.get(way).status_code for way in ways} == {200}
    assert "No results" not in page


class Store:
    """Stands for the stored customers."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.down = False

    def features(self, customer: str) -> dict[str, object] | None:
        """Return the features of the one customer."""
        self.asked.append(customer)
        if self.down:
            raise DependencyUnavailable("database: no answer within 1 s")
        return {} if customer == "wa-0010" else None


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def book_with_customers(store: Store) -> Flask:
    app = make_app(SAMPLE, None)
    services_of(app).customers = SimpleNamespace(store=store)  # type: ignore[assignment]
    app.add_url_rule("/customers/<id_>", view_func=lambda id_: id_, endpoint="customer")
    return app


def test_a_customer_s_id_leads_to_the_customer(book_with_customers: Flask, store: Store) -> None:
    """No cache keeps the answer; words without a digit aren't looked up."""
    reader = book_with_customers.test_client()
    answer = reader.get("/search.json?q=+wa-0010+")
    first = answer.get_json()["results"][0]
    assert (first["kind"], first["title"], first["url"]) == (
        "customer",
        "wa-0010",
        "/customers/wa-0010",
    )
    assert answer.headers["Cache-Control"] == "no-store"
    assert '<a href="/customers/wa-0010">' in reader.get("/search?q=wa-0010").text
    asked = len(store.asked)
    for words in ("latency", "wa-0010 wa-0011", "../x1", "?1"):
        reader.get("/search.json", query_string={"q": words})
    assert len(store.asked) == asked
    assert "customer" not in {
        r["kind"] for r in reader.get("/search.json?q=wa-9").get_json()["results"]
    }


def test_a_database_that_is_down_does_not_hurt_the_search(
    book_with_customers: Flask, store: Store
) -> None:
    store.down = True
    found = book_with_customers.test_client().get("/search.json?q=422").get_json()["results"]
    assert found[0]["url"] == "/problems/invalid-input"


def test_only_a_key_for_customers_finds_them(
    book_with_customers: Flask, store: Store, keyed: Flask, keys: dict[str, str]
) -> None:
    services_of(book_with_customers).guard = services_of(keyed).guard
    reader = book_with_customers.test_client()
    reader.get("/search.json?q=wa-0010", headers=bearer(keys["handbook"]))
    assert store.asked == []
    reader.get("/search.json?q=wa-0010", headers=bearer(keys["predict"]))
    assert store.asked == ["wa-0010"]


HTML = {"Accept": "text/html"}


@pytest.mark.parametrize(
    ("wrong", "page"),
    [
        ("/runbook/high-latency", LATENCY),
        ("/runbooks/servicedown", DOWN),
        ("/runbooks/High_Error_Rate.md", ERRORS),
        ("/adr/6", "/adrs/006-training-data"),
        ("/adrs/006", "/adrs/006-training-data"),
        ("/model_card", "/model-card"),
        ("/modelcard", "/model-card"),
        ("/swagger", "/docs"),
        ("/guides/onbording", "/guides/onboarding"),
    ],
)
def test_a_wrong_address_suggests_the_nearest_page(
    client: FlaskClient, wrong: str, page: str
) -> None:
    answer = client.get(wrong, headers=HTML)
    assert answer.status_code == 404
    assert f'<li><a href="{page}">' in answer.text.partition("Did you mean")[2]


def test_suggestions_are_few_and_for_pages_only(client: FlaskClient) -> None:
    """An address like no other gets none; a client of the API gets its problem."""
    assert "Did you mean" not in client.get("/wp-admin/setup.php", headers=HTML).text
    near = client.get("/api/model/runbook", headers=HTML).text
    assert near.partition("Did you mean")[2].partition("Or go to")[0].count("<li>") <= 3
    assert client.get("/model_card").get_json()["status"] == 404


def test_who_may_see_no_document_gets_no_suggestion(keyed: Flask, keys: dict[str, str]) -> None:
    reader = keyed.test_client()
    for key, suggested in (("handbook", True), ("predict", False)):
        page = reader.get("/model_card", headers=HTML | bearer(keys[key]))
        assert page.status_code == 404
        assert ("Did you mean" in page.text) is suggested
