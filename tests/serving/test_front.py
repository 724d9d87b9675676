"""The event loop gives the same answers as Flask."""

from __future__ import annotations

import json
import logging
from typing import Any
from unittest.mock import patch

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import REGISTRY

from app.access import key_file
from app.predictions.scorer import Scorer
from app.serving.front import Front
from app.serving.loop_answers import LARGE
from tests.apps import bearer, make_app
from tests.prediction_bodies import ANYTHING, CUSTOMERS, NEARLY, REQUIRED
from tests.serving.asgi_requests import asked

PLAIN = json.dumps({"features": REQUIRED}).encode()
KEYS = ("predict", "operate")


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Front, Flask]]:
    """The application on the loop and by Flask, with and without keys."""
    file = tmp_path_factory.mktemp("keys") / "keys.yaml"
    presented.update({scope: key_file.add(file, scope, (scope,)) for scope in KEYS})
    settings: dict[str, dict[str, Any]] = {"local": {}, "keyed": {"api_keys_file": file}}
    apps = {name: make_app(**chosen) for name, chosen in settings.items()}
    return {name: (Front(app), app) for name, app in apps.items()}


presented: dict[str, str] = {}
"""The keys by their scope."""


def counts() -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for metric in REGISTRY.collect()
        if metric.name.startswith(("http_request", "churn_predictions", "churn_part"))
        for sample in metric.samples
        if sample.name.endswith(("_count", "_total"))
    }


class Lines(logging.Handler):
    """Keeps the log lines of requests, without times."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: list[dict[str, Any]] = []

    def emit(self, record: logging.LogRecord) -> None:
        fields = getattr(record, "fields", {"message": record.getMessage()})
        self.kept.append(
            {k: None if k.endswith("_ms") or k == "request_id" else v for k, v in fields.items()}
        )


def told(server: Front | Flask, data: bytes = PLAIN, **request: Any) -> dict[str, Any]:
    """Answer, metrics and log lines of a request, without times and ids."""
    request = {"path": "/predict", "method": "POST", "query_string": "", "headers": {}} | request
    headers = {"Content-Type": "application/json"} | request["headers"]
    before, lines = counts(), Lines()
    log = logging.getLogger("app")
    log.addHandler(lines)
    try:
        if isinstance(server, Front):
            address = request.get("address", "127.0.0.1")
            where = request["method"], request["path"], request["query_string"]
            status, pairs, content = asked(server, *where, headers, data, address)
        else:
            response = server.test_client().open(
                request["path"],
                method=request["method"],
                query_string=request["query_string"],
                data=data,
                headers=headers,
                environ_base={"REMOTE_ADDR": request.get("address", "127.0.0.1")},
            )
            status, pairs, content = response.status_code, list(response.headers), response.data
    finally:
        log.removeHandler(lines)
    found = {name.lower(): value for name, value in pairs}
    found["server-timing"] = ",".join(
        part.partition(";")[0] for part in found["server-timing"].split(", ")
    )
    found.pop("vary", None)  # only Flask's answers could be compressed
    body = json.loads(content) if "json" in found.get("content-type", "") else None
    if status >= 400:
        found.pop("content-length")  # of the id, which a page names too
        if body:
            body.pop("instance")
    return {
        "status": status,
        "headers": found | dict.fromkeys(("x-request-id", "process-time")),
        "body": body,
        "counted": {
            name: value - before.get(name, 0)
            for name, value in counts().items()
            if value != before.get(name, 0)
        },
        "logged": lines.kept,
    }


NEAR_JSON = st.sampled_from(
    [
        b"",
        b"{",
        b"NaN",
        b"[]",
        b'"\\ud800"',
        b"\xff",
        b"[" * 300,
        b'{"features": {"tenure": NaN}}',
        b'{"features": {"tenure": 1, "tenure": 2}}',
        PLAIN + b" ",
        PLAIN[:-1] + b" " * LARGE + b"}",
        PLAIN.replace(b"12", b"1" * 500),
    ]
)
BODIES = (
    st.fixed_dictionaries({"features": CUSTOMERS}).map(json.dumps).map(str.encode)
    | NEARLY.map(json.dumps).map(str.encode)
    | ANYTHING.map(json.dumps).map(str.encode)
    | NEAR_JSON
)
BATCHES = st.lists(CUSTOMERS, max_size=3).map(
    lambda found: {"customers": [{"id": str(n), "features": f} for n, f in enumerate(found)]}
)
REQUESTS = st.fixed_dictionaries(
    {"data": BODIES | BATCHES.map(json.dumps).map(str.encode)},
    optional={
        "query_string": st.sampled_from(["", "reasons=2", "reasons=x", "version=1.0.0", "a=b"])
        | st.sampled_from(["reasons=101", "reasons=007", "reasons=1&reasons=2", "version=%ff&a=é"]),
        "method": st.sampled_from(["POST", "GET", "PUT", "OPTIONS"]),
        "path": st.sampled_from(["/predict", "/predict/", "/predict/batch", "/predict/batch"]),
        "address": st.sampled_from(["127.0.0.1", "10.0.0.9", "::1", "x"]),
    },
)
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "Content-Type": st.sampled_from(["application/json; charset=utf-8", "text/plain", ""]),
        "Authorization": st.sampled_from(["Bearer x", "Bearer", "Basic eDp5", "Digest x", ""])
        | st.sampled_from(KEYS).map(lambda scope: bearer(presented[scope])["Authorization"]),
        "Host": st.sampled_from(
            ["localhost", "evil.example", "127.0.0.1:8000", "a..localhost", "[::1]:80", "a b", ""]
        ),
        "X-Forwarded-For": st.just("10.1.1.1"),
        "X-Request-ID": st.sampled_from(["mine", "not safe"]),
        "Content-Encoding": st.sampled_from(["gzip", "identity", "Identity", ""]),
        "Accept": st.sampled_from(["text/html", "application/json"]),
    },
)


@given(request=REQUESTS, headers=HEADERS, which=st.sampled_from(["local", "keyed"]))
@settings(max_examples=400)
def test_both_ways_tell_the_same(
    pairs: dict[str, tuple[Front, Flask]],
    request: dict[str, Any],
    headers: dict[str, str],
    which: str,
) -> None:
    """Status, headers, body, metrics and log lines are equal for all requests and callers."""
    one, other = (told(server, headers=headers, **request) for server in pairs[which])
    # Each application logs the loopback rule's warning once.
    for found in (one, other):
        found["logged"] = [line for line in found["logged"] if "message" not in line]
    assert one == other


def dispatched(app: Flask, **request: Any) -> bool:
    """Whether Flask answered a prediction, or another request with these changes."""
    with patch.object(app, "full_dispatch_request", wraps=app.full_dispatch_request) as flask:
        told(Front(app), **request)
    return flask.called


def test_predictions_and_probes_need_no_dispatch(pairs: dict[str, tuple[Front, Flask]]) -> None:
    """With a key and without, with a query, refused or not; anything else does."""
    for name, headers in {"local": {}, "keyed": bearer(presented["predict"])}.items():
        _, app = pairs[name]
        assert not dispatched(app, headers=headers)
        assert not dispatched(app, headers=headers, query_string="reasons=2")
        assert not dispatched(app, headers=headers, data=PLAIN[1:])
        assert not dispatched(app, headers=headers, path="/predict/batch")
        assert not dispatched(app, method="GET", path="/health/ready", data=b"")
        assert dispatched(app, method="GET", path="/models", headers=headers, data=b"")


def test_traces_need_it() -> None:
    assert dispatched(make_app(tracing_endpoint="http://127.0.0.1:9"))


@given(st.lists(st.booleans(), max_size=8))
@settings(max_examples=30)
def test_a_caller_s_requests_count_together_whichever_way_they_go(plain: list[bool]) -> None:
    """Both ways share one count, and beyond the limit both answer 429."""
    app = make_app(rate_limit="5/hour;1000/day")
    front = Front(app)
    statuses = [told(front if one else app)["status"] for one in plain]
    assert statuses == [200] * min(5, len(plain)) + [429] * (len(plain) - 5)


def test_a_fault_of_ours_is_answered_the_same(pairs: dict[str, tuple[Front, Flask]]) -> None:
    """A problem with a request id, one count, one traceback."""
    with patch.object(Scorer, "score", side_effect=ZeroDivisionError):
        one, other = (told(server) for server in pairs["local"])
    assert one["status"] == 500
    assert one["body"]["type"] == "/problems/internal-error"
    assert one["headers"] == other["headers"]
    assert one["counted"] == other["counted"]
