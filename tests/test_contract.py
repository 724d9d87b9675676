"""The contract of the service, walked against live servers of each kind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.access import key_file
from app.access.scopes import SCOPES
from app.config import Settings
from app.customers.files.sample_file import SAMPLE
from app.customers.store.schema_upgrade import upgrade
from app.releases.registry import ReleaseRegistry
from model.scorecard import POLICIES, VALUE
from tests.apps import bearer
from tests.contract_walk import API, BATCH, CUSTOMER, FEATURES, PAGES, Deployment, is_prediction
from tests.prediction_bodies import CONTRACT
from tests.stores import load_file, opened
from tools.databases import PostgreSQL
from tools.nginx import nginx_below
from tools.servers import gunicorn, wait_until


@pytest.fixture(scope="module", params=["embedded", "PostgreSQL and Redis", "nginx"])
def deployed(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Deployment]:
    """As on a laptop, without keys; as in production, with keys; and below a path of a proxy."""
    folder = tmp_path_factory.mktemp("deployed")
    if request.param == "embedded":
        environ = {"DATABASE_URL": f"sqlite:///{folder / 'churn.sqlite3'}", "CACHE_URL": ""}
        with gunicorn(folder, **environ) as server:
            yield Deployment(server, {})
        return
    if request.param == "nginx":
        environ = {"URL_PREFIX": "/churn", "TRUSTED_PROXIES": "1"}
        with (
            gunicorn(folder, **environ) as server,
            nginx_below(folder, server.url, strips=False) as url,
        ):
            yield Deployment(server, {}, url, "/churn")
        return
    cluster: PostgreSQL = request.getfixturevalue("cluster")
    environ = {
        "DATABASE_URL": cluster.new(),
        "CACHE_URL": request.getfixturevalue("redis_url"),
        "API_KEYS_FILE": str(folder / "keys.yaml"),
        "RATE_LIMIT": "10000/second",
    }
    key = key_file.add(folder / "keys.yaml", "everything", SCOPES)
    with opened(environ["DATABASE_URL"]) as store, SAMPLE.open("rb") as sample:
        upgrade(store.database)
        release = ReleaseRegistry(Settings().model_dir).serving
        load_file(store, sample, folder / "rejects.csv", release)
    with gunicorn(folder, **environ) as server:
        yield Deployment(server, bearer(key))


@pytest.mark.parametrize("name", API)
def test_the_api(deployed: Deployment, name: str) -> None:
    method, path, body, status, right = API[name]
    answer = deployed.call(method, path, body)
    assert answer.status == status, answer.content
    assert answer.kind == ("application/json" if status < 400 else "application/problem+json")
    assert right(answer.json()), answer.json()


@pytest.mark.parametrize("policy", POLICIES)
def test_policies(deployed: Deployment, policy: str) -> None:
    answer = deployed.call("POST", "/predict", {"features": FEATURES, "policy": policy})
    assert is_prediction(answer.json())
    assert answer.json()["policy"]["name"] == policy


def wrong(**features: Any) -> Any:
    return {"features": {**FEATURES, **features}}


# name: method, path, body, headers, status, slug, pointers of the faults
ERRORS: dict[str, tuple[str, str, Any, dict[str, str], int, str, list[str]]] = {
    "not JSON": ("POST", "/predict", b"{", {}, 400, "malformed-json", []),
    "empty": ("POST", "/predict", b"", {}, 400, "malformed-json", []),
    "NaN": (
        *("POST", "/predict", b'{"features": NaN}', {}, 400),
        *("malformed-json", ["/features"]),
    ),
    "twice": (
        *("POST", "/predict", b'{"features": {}, "features": {}}', {}, 400),
        *("malformed-json", ["/features"]),
    ),
    "deep": ("POST", "/predict", b"[" * 100_000, {}, 400, "malformed-json", []),
    "digits": (
        *("POST", "/predict", b'{"features": ' + b"1" * 5000 + b"}", {}, 400),
        *("malformed-json", ["/features"]),
    ),
    "nothing here": ("GET", "/nothing", None, {}, 404, "not-found", []),
    "method": ("GET", "/predict/batch", None, {}, 405, "method-not-allowed", []),
    "too large": ("POST", "/predict", b" " * (5 << 20), {}, 413, "too-large", []),
    "content type": (
        *("POST", "/predict", b"{}", {"Content-Type": "text/plain"}, 415),
        *("unsupported-media-type", []),
    ),
    "type": (
        "POST",
        "/predict",
        wrong(tenure="12"),
        {},
        422,
        "invalid-input",
        ["/features/tenure"],
    ),
    "range": ("POST", "/predict", wrong(tenure=-1), {}, 422, "invalid-input", ["/features/tenure"]),
    "value": (
        *("POST", "/predict", wrong(contract="Weekly"), {}, 422),
        *("invalid-input", ["/features/contract"]),
    ),
    "null": (
        *("POST", "/predict", wrong(contract=None), {}, 422),
        *("invalid-input", ["/features/contract"]),
    ),
    "unknown": ("POST", "/predict", wrong(x=1), {}, 422, "invalid-input", ["/features/x"]),
    "missing": ("POST", "/predict", {}, {}, 422, "invalid-input", ["/features"]),
    "policy": (
        *("POST", "/predict", {"features": FEATURES, "policy": "x"}, {}, 422),
        *("invalid-input", ["/policy"]),
    ),
    "another release's policy": (
        *("POST", "/predict?version=1.0.0", {"features": FEATURES, "policy": VALUE}, {}, 422),
        *("invalid-input", ["/policy"]),
    ),
    "another release's policy, batch": (
        *("POST", "/predict/batch?version=1.1.0", {**BATCH, "policy": VALUE}, {}, 422),
        *("invalid-input", ["/policy"]),
    ),
    "batch": (
        *("POST", "/predict/batch", {"customers": [{"id": "a", **wrong(tenure="x")}]}, {}, 422),
        *("invalid-input", ["/customers/0/features/tenure"]),
    ),
    "empty batch": (
        *("POST", "/predict/batch", {"customers": []}, {}, 422),
        *("invalid-input", ["/customers"]),
    ),
}


@pytest.mark.parametrize("name", ERRORS)
def test_errors_are_problems(deployed: Deployment, name: str) -> None:
    """Errors have a page that explains them, the request id, and each fault's place."""
    method, path, body, headers, status, slug, pointers = ERRORS[name]
    answer = deployed.call(method, path, body, **headers)
    problem = answer.json()
    assert (answer.status, answer.kind) == (status, "application/problem+json")
    assert problem["status"] == status
    assert problem["type"] == f"{deployed.prefix}/problems/{slug}"
    assert problem["instance"] == answer.headers["X-Request-ID"]
    assert [error["pointer"] for error in problem.get("errors", [])] == pointers
    assert (status == 405) == ("Allow" in answer.headers)
    assert deployed.call("GET", f"/problems/{slug}", Accept="text/html").status == 200


@pytest.mark.parametrize("path", PAGES)
def test_pages(deployed: Deployment, path: str) -> None:
    answer = deployed.call("GET", path, Accept="text/html")
    assert (answer.status, answer.kind) == (200, "text/html")


def test_an_unknown_page_is_html_to_a_browser_and_a_problem_to_a_client(
    deployed: Deployment,
) -> None:
    assert deployed.call("GET", "/runbooks/none", Accept="text/html").kind == "text/html"
    assert deployed.call("GET", "/runbooks/none").kind == "application/problem+json"


@pytest.mark.parametrize("path", ["/health/live", "/", "/models", "/nothing"])
def test_headers_of_every_answer(deployed: Deployment, path: str) -> None:
    headers = deployed.call("GET", path, **{"X-Request-ID": "walk-1"}).headers
    assert headers["X-Request-ID"] == "walk-1"
    assert float(headers["Process-Time"]) > 0
    assert "dur=" in headers["Server-Timing"]


def test_metrics(deployed: Deployment) -> None:
    """The metrics that the contract names have the counts of these requests."""
    answer = deployed.call("GET", "/metrics")
    assert answer.kind == "text/plain"
    text = answer.content.decode()
    assert "http_request_duration_seconds_bucket" in text
    assert "churn_predictions_total" in text


def test_a_stored_customer_comes_from_the_cache_the_second_time(deployed: Deployment) -> None:
    answers = [deployed.call("GET", f"/customers/{CUSTOMER}/prediction").json() for _ in range(9)]
    assert all(answer == answers[0] for answer in answers)
    assert (
        'churn_cache_requests_total{result="hit"}'
        in deployed.call("GET", "/metrics").content.decode()
    )


def test_no_line_of_the_log_holds_a_feature_value(deployed: Deployment) -> None:
    """The log never has a key or its digest, whatever was sent."""
    body = wrong(monthly_charges=73.5124, tenure="secret-value")
    deployed.call("POST", "/predict", body, **{"X-Request-ID": "with-values"})
    wait_until(lambda: '"with-values"' in deployed.server.log.read_text(), "its line")
    log = deployed.server.log.read_text()
    key = deployed.headers.get("Authorization", "").rpartition(" ")[2]
    hidden = ["73.5124", "secret-value", *([key, key_file.digest_of(key).hex()] if key else [])]
    assert [word for word in hidden if word in log] == []
    assert "Traceback" not in log
    assert CONTRACT.example()["payment_method"] not in log


def test_without_a_key_only_probes_are_answered(deployed: Deployment, tmp_path: Path) -> None:
    """With keys configured, a wrong key is refused like none."""
    if not deployed.headers:
        assert deployed.call("GET", "/models", Authorization="Bearer x").status == 200
        return
    for headers in ({"Authorization": ""}, {"Authorization": "Bearer churn_wrong"}):
        refused = deployed.call("GET", "/models", **headers)
        assert refused.status == 401
        assert refused.json()["type"] == "/problems/unauthorized"
        assert "Bearer" in refused.headers.get_all("WWW-Authenticate", [])[1]
        assert deployed.call("GET", "/health/ready", **headers).status == 200
