"""Metrics over several workers, and the log."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.predictions.test_predict import REQUIRED
from tests.servers import Server, fetch, gunicorn

SECRET = 98.76  # a feature value that must not be found in the log


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with gunicorn(tmp_path_factory.mktemp("fresh"), WEB_CONCURRENCY="4") as server:
        yield server


def samples(server: Server) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    _, text = fetch(f"{server.url}/metrics")
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def predict(server: Server, body: object) -> int:
    request = urllib.request.Request(
        f"{server.url}/predict",
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json", "X-Request-ID": "log-test"},
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            status: int = response.status
            return status
    except urllib.error.HTTPError as error:
        return error.code


def test_four_workers_count_what_was_sent(fresh: Server) -> None:
    """Exactly; and probes and scrapes leave the counters alone."""
    for _ in range(100):
        assert predict(fresh, {"features": {**REQUIRED, "monthly_charges": SECRET}}) == 200
    for _ in range(10):
        assert predict(fresh, {"features": {}}) == 422
        assert fetch(f"{fresh.url}/nothing")[0] == 404
        fetch(f"{fresh.url}/health/live")
        fetch(f"{fresh.url}/health/ready")
    found = samples(fresh)
    counts = {
        (labels, value)
        for (name, labels), value in found.items()
        if name == "http_request_duration_seconds_count"
    }
    assert counts == {
        (frozenset({("method", "POST"), ("route", "/predict"), ("status", "200")}), 100.0),
        (frozenset({("method", "POST"), ("route", "/predict"), ("status", "422")}), 10.0),
        (frozenset({("method", "any"), ("route", "unmatched"), ("status", "404")}), 10.0),
    }
    predictions = [v for (name, _), v in found.items() if name == "churn_predictions_total"]
    assert sum(predictions) == 100
    assert found["churn_model_release_serving", frozenset({("version", "1.0.0")})] == 1
    assert found["churn_model_releases_refused", frozenset()] == 0
    listed = json.loads(fetch(f"{fresh.url}/handbook.json")[1])["documents"]
    overdue = sum(document["status"] == "overdue" for document in listed)
    assert found["churn_documents_overdue", frozenset()] == overdue


def test_each_request_is_one_line_of_json_without_feature_values(fresh: Server) -> None:
    predict(fresh, {"features": {**REQUIRED, "monthly_charges": SECRET}})
    text = fresh.log.read_text()
    lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    line = next(entry for entry in reversed(lines) if entry.get("request_id") == "log-test")
    assert line["path"] == "/predict"
    assert line["status"] in (200, 422)
    assert line["process_time_ms"] > 0
    assert str(SECRET) not in text


def test_metrics_leave_no_folder_behind(tmp_path: Path) -> None:
    before = set(Path("/dev/shm").glob("churn-metrics-*"))
    with gunicorn(tmp_path):
        made = set(Path("/dev/shm").glob("churn-metrics-*")) - before
        assert made
    assert not any(folder.exists() for folder in made)
