"""`POST /predict` gives the same answers with and without Flask's dispatch."""

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
from app.predictions import fast_path
from app.predictions.scorer import Scorer
from tests.apps import bearer, make_app
from tests.prediction_bodies import ANYTHING, CUSTOMERS, NEARLY, REQUIRED

PLAIN = json.dumps({"features": REQUIRED}).encode()
KEYS = ("predict", "operate")


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Flask, Flask]]:
    """The application with and without the fast path, with and without keys."""
    file = tmp_path_factory.mktemp("keys") / "keys.yaml"
    presented.update({scope: key_file.add(file, scope, (scope,)) for scope in KEYS})
    settings: dict[str, dict[str, Any]] = {"local": {}, "keyed": {"api_keys_file": file}}
    found = {}
    for name, chosen in settings.items():
        with patch.object(fast_path, "FastPath", lambda app: app.wsgi_app):
            plain = make_app(**chosen)
        found[name] = make_app(**chosen), plain
    return found


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


def told(app: Flask, **request: Any) -> dict[str, Any]:
    """Answer, metrics and log lines of a request, without times and ids."""
    before, lines = counts(), Lines()
    log = logging.getLogger("app")
    log.addHandler(lines)
    try:
        response = app.test_client().open(**{"path": "/predict", "method": "POST", **request})
    finally:
        log.removeHandler(lines)
    headers = dict(response.headers)
    headers["Server-Timing"] = ",".join(
        part.partition(";")[0] for part in headers["Server-Timing"].split(", ")
    )
    body = response.get_json(silent=True)
    if response.status_code >= 400:
        headers.pop("Content-Length")  # of the id, which a page names too
        if body:
            body.pop("instance")
    return {
        "status": response.status,
        "headers": headers | dict.fromkeys(("X-Request-ID", "Process-Time")),
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
        PLAIN[:-1] + b" " * fast_path.MAX_BODY_BYTES + b"}",
        PLAIN.replace(b"12", b"1" * 500),
    ]
)
BODIES = (
    st.fixed_dictionaries({"features": CUSTOMERS}).map(json.dumps).map(str.encode)
    | NEARLY.map(json.dumps).map(str.encode)
    | ANYTHING.map(json.dumps).map(str.encode)
    | NEAR_JSON
)
REQUESTS = st.fixed_dictionaries(
    {"data": BODIES},
    optional={
        "content_type": st.sampled_from(["application/json", "application/json; charset=utf-8"])
        | st.sampled_from(["text/plain", ""]),
        "query_string": st.sampled_from(["", "reasons=2", "reasons=x", "version=1.0.0", "a=b"]),
        "method": st.sampled_from(["POST", "GET", "PUT", "OPTIONS"]),
        "path": st.sampled_from(["/predict", "/predict/", "/predict/batch"]),
        "environ_base": st.fixed_dictionaries(
            {}, optional={"REMOTE_ADDR": st.sampled_from(["127.0.0.1", "10.0.0.9", "::1", "x"])}
        ),
    },
)
HEADERS = st.fixed_dictionaries(
    {},
    optional={
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
@settings(max_examples=250)
def test_both_ways_tell_the_same(
    pairs: dict[str, tuple[Flask, Flask]],
    request: dict[str, Any],
    headers: dict[str, str],
    which: str,
) -> None:
    """Status, headers, body, metrics and log lines are equal for all requests and callers."""
    request = {"content_type": "application/json", **request, "headers": headers}
    one, other = (told(app, **request) for app in pairs[which])
    # Each application logs the loopback rule's warning once.
    for found in (one, other):
        found["logged"] = [line for line in found["logged"] if "message" not in line]
    assert one == other


def dispatched(app: Flask, **request: Any) -> bool:
    """Whether Flask answered a plain request, or one with these changes."""
    request = {"data": PLAIN, "content_type": "application/json", **request}
    with patch.object(app, "full_dispatch_request", wraps=app.full_dispatch_request) as flask:
        app.test_client().post("/predict", **request)
    return flask.called


def test_a_plain_request_needs_no_dispatch(pairs: dict[str, tuple[Flask, Flask]]) -> None:
    """With a key and without; anything else does."""
    for name, headers in {"local": {}, "keyed": bearer(presented["predict"])}.items():
        app, plain = pairs[name]
        assert not dispatched(app, headers=headers)
        assert dispatched(plain, headers=headers)
        assert dispatched(app, headers=headers, query_string="reasons=2")
        assert dispatched(app, headers=headers, data=PLAIN[1:])


def test_traces_need_it() -> None:
    assert dispatched(make_app(tracing_endpoint="http://127.0.0.1:9"))


@given(st.lists(st.booleans(), max_size=8))
@settings(max_examples=30)
def test_a_caller_s_requests_count_together_whichever_way_they_go(plain: list[bool]) -> None:
    """Both ways share one count, and beyond the limit both answer 429."""
    app = make_app(rate_limit="5/hour;1000/day")
    client = app.test_client()
    request = {"data": PLAIN, "content_type": "application/json"}
    statuses = [
        client.post("/predict", query_string=None if one else "reasons=2", **request).status_code
        for one in plain
    ]
    assert statuses == [200] * min(5, len(plain)) + [429] * (len(plain) - 5)
    assert not dispatched(app) or len(plain) >= 5


def test_a_fault_of_ours_is_flask_s_to_answer(pairs: dict[str, tuple[Flask, Flask]]) -> None:
    """A problem with a request id, one count, one traceback."""
    with patch.object(Scorer, "score", side_effect=ZeroDivisionError):
        one, other = (
            told(app, data=PLAIN, content_type="application/json") for app in pairs["local"]
        )
    assert one["status"].startswith("500")
    assert one["body"]["type"] == "/problems/internal-error"
    assert one["headers"] == other["headers"]
    assert one["counted"] == other["counted"]
