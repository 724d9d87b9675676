"""Spans, as a collector gets them from a server of two workers."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from app import create_app
from app.config import SettingError, Settings
from tests.prediction_bodies import REQUIRED
from tools.servers import PATIENCE_SECONDS, fetch, gunicorn

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
SECRET = 98.76


class Collector(BaseHTTPRequestHandler):
    """Takes what it is sent."""

    received: list[bytes]

    def do_POST(self) -> None:
        """Keep a batch of spans."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        self.received.append(body)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def collector() -> Iterator[tuple[str, list[bytes]]]:
    received: list[bytes] = []
    handler = type("Keeping", (Collector,), {"received": received})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", received
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def spans(received: list[bytes]) -> list[Span]:
    found: list[Span] = []
    for body in received:
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            names = {a.key: a.value.string_value for a in resource.resource.attributes}
            assert names["service.name"] == "churn-api"
            found += [span for scope in resource.scope_spans for span in scope.spans]
    return found


def attributes(span: Span) -> dict[str, str]:
    return {attribute.key: attribute.value.string_value for attribute in span.attributes}


def test_a_request_and_its_parts_continue_the_callers_trace(tmp_path: Path) -> None:
    """Spans are named after routes and contain no values; probes have no spans."""
    request = urllib.request.Request(
        "http://127.0.0.1/predict",
        data=json.dumps({"features": {**REQUIRED, "monthly_charges": SECRET}}).encode(),
        headers={
            "Content-Type": "application/json",
            "X-Request-ID": "traced",
            "traceparent": f"00-{TRACE}-{PARENT}-01",
            "Authorization": "Bearer not-to-be-seen",
        },
    )
    with (
        collector() as (url, received),
        gunicorn(tmp_path, OTEL_EXPORTER_OTLP_ENDPOINT=url) as server,
    ):
        request.full_url = f"{server.url}/predict"
        urllib.request.urlopen(request, timeout=120).close()
        assert fetch(f"{server.url}/nothing/here")[0] == 404
    # The server stopped first, and what it had not yet sent it sent then.
    found = {span.name: span for span in spans(received)}
    assert set(found) == {"POST /predict", "validation", "model", "GET"}
    top = found["POST /predict"]
    assert (top.trace_id.hex(), top.parent_span_id.hex()) == (TRACE, PARENT)
    assert attributes(top)["http.route"] == "/predict"
    assert attributes(top)["churn.request_id"] == "traced"
    for name in ("validation", "model"):
        child = found[name]
        assert (child.trace_id, child.parent_span_id) == (top.trace_id, top.span_id)
        assert top.start_time_unix_nano <= child.start_time_unix_nano
        assert child.end_time_unix_nano <= top.end_time_unix_nano
    everything = b"".join(received)
    assert str(SECRET).encode() not in everything
    assert b"not-to-be-seen" not in everything


def test_below_a_prefix_probes_have_no_spans_either(tmp_path: Path) -> None:
    with (
        collector() as (url, received),
        gunicorn(tmp_path, OTEL_EXPORTER_OTLP_ENDPOINT=url, URL_PREFIX="/churn") as server,
    ):
        for path in ("/churn/health/live", "/churn/health/ready", "/health/live", "/churn/models"):
            assert fetch(server.url + path)[0] == 200
    assert {span.name for span in spans(received)} == {"GET /models"}


def test_a_collector_that_is_away_takes_nothing_from_the_answers(tmp_path: Path) -> None:
    with collector() as (url, _):
        pass
    short = {"OTEL_EXPORTER_OTLP_TIMEOUT": "1"}  # of what it still tries at the end
    with gunicorn(tmp_path, OTEL_EXPORTER_OTLP_ENDPOINT=url, **short) as server:
        assert fetch(f"{server.url}/runbooks")[0] == 200


def test_a_collector_that_never_answers_keeps_no_process_from_ending() -> None:
    script = """
import threading
from app.observability import tracing

class Provider:
    def shutdown(self):
        threading.Event().wait()

tracing.EXIT_SECONDS = 0.1
tracing._send_the_rest_at_exit(Provider())
"""
    command = [sys.executable, "-c", script]
    assert subprocess.run(command, timeout=PATIENCE_SECONDS, check=True).returncode == 0


def test_it_is_off_by_default() -> None:
    """Without the variable, nothing is imported."""
    script = "import sys, wsgi; print([name for name in sys.modules if 'opentelemetry' in name])"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


def test_without_the_extra_the_start_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.instrumentation", None)
    with pytest.raises(SettingError, match="extra tracing"):
        create_app(Settings(tracing_endpoint="http://127.0.0.1:4318"))
