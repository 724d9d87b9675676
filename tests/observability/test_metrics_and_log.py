"""Metrics over several workers, and the log."""

from __future__ import annotations

import json
import logging
import os
import signal
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.observability import json_log
from tests.prediction_bodies import REQUIRED
from tools.servers import Server, children, fetch, gunicorn, wait_until
from tools.worker_metrics import metrics_folder, samples

SECRET = 98.76  # a feature value that must not be found in the log


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with gunicorn(tmp_path_factory.mktemp("fresh"), WEB_CONCURRENCY="4") as server:
        yield server


def predict(server: Server, body: object) -> int:
    request = urllib.request.Request(
        f"{server.url}/predict",
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json", "X-Request-ID": "log-test"},
    )
    try:
        with urllib.request.urlopen(request, timeout=120) as response:
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
    assert found["churn_model_release_serving", frozenset({("version", "1.2.0")})] == 1
    assert found["churn_model_releases_refused", frozenset()] == 0
    listed = json.loads(fetch(f"{fresh.url}/handbook.json")[1])["documents"]
    overdue = sum(document["status"] == "overdue" for document in listed)
    assert found["churn_documents_overdue", frozenset()] == overdue


def test_what_the_workers_compute_is_counted(fresh: Server) -> None:
    """The alert of saturation divides it by the time that passed."""
    key = ("churn_worker_processor_seconds_total", frozenset[tuple[str, str]]())
    before = samples(fresh).get(key, 0.0)

    def computed() -> bool:
        predict(fresh, {"features": REQUIRED})
        return samples(fresh).get(key, 0.0) > before

    wait_until(computed, "processor time")


def test_each_request_is_one_line_of_json_without_feature_values(fresh: Server) -> None:
    predict(fresh, {"features": {**REQUIRED, "monthly_charges": SECRET}})
    wait_until(lambda: '"log-test"' in fresh.log.read_text(), "its line")
    text = fresh.log.read_text()
    lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    line = next(entry for entry in reversed(lines) if entry.get("request_id") == "log-test")
    assert line["path"] == "/predict"
    assert line["status"] in (200, 422)
    assert line["process_time_ms"] > 0
    assert str(SECRET) not in text


def test_metrics_leave_no_folder_behind(tmp_path: Path) -> None:
    with gunicorn(tmp_path) as server:
        wait_until(lambda: samples(server).get(("churn_workers", frozenset())) == 2, "the workers")
        folder = metrics_folder(server)
        assert folder.exists()
    assert not folder.exists()


def test_a_request_says_where_its_time_went(fresh: Server) -> None:
    """In the header, in the metrics and in the log."""
    request = urllib.request.Request(
        f"{fresh.url}/predict",
        data=json.dumps({"features": REQUIRED}).encode(),
        headers={"Content-Type": "application/json", "X-Request-ID": "split"},
    )
    before = samples(fresh)
    with urllib.request.urlopen(request, timeout=120) as response:
        timing = dict(part.split(";dur=") for part in response.headers["Server-Timing"].split(", "))
    assert list(timing) == ["validation", "model", "total"]
    split = float(timing["validation"]) + float(timing["model"])
    assert 0 < split < float(timing["total"]) == float(response.headers["Process-Time"])
    for name in ("validation", "model"):
        key = ("churn_part_duration_seconds_count", frozenset({("part", name)}))
        assert samples(fresh)[key] == before[key] + 1
    wait_until(lambda: '"split"' in fresh.log.read_text(), "its line")
    (line,) = [line for line in fresh.log.read_text().splitlines() if '"split"' in line]
    assert json.loads(line)["model_ms"] == float(timing["model"])


def test_a_lookup_says_how_long_cache_and_database_took(fresh: Server) -> None:
    with urllib.request.urlopen(f"{fresh.url}/customers/wa-0010/prediction", timeout=120) as got:
        assert {"cache", "database", "model"} <= {
            part.partition(";")[0] for part in got.headers["Server-Timing"].split(", ")
        }


def test_restarted_workers_count_on_in_a_folder_that_does_not_grow(tmp_path: Path) -> None:
    """After 50 workers die, their counts are exact, and new workers take over their files."""
    with gunicorn(tmp_path, WEB_CONCURRENCY="2") as server:
        assert predict(server, {"features": REQUIRED}) == 200
        wait_until(lambda: samples(server).get(("churn_workers", frozenset())) == 2, "both workers")
        folder = metrics_folder(server)
        files = {path.name for path in folder.iterdir()}
        for number in range(25):
            workers = children(server.process.pid)
            for pid in workers:
                os.kill(pid, signal.SIGKILL)
            wait_until(
                lambda gone=workers: len(set(children(server.process.pid)) - set(gone)) == 2,
                "two new workers",
            )
            assert predict(server, {"features": REQUIRED}) == 200, number
        wait_until(lambda: samples(server).get(("churn_workers", frozenset())) == 2, "the last two")
        left = {path.name for path in folder.iterdir()}
        assert files <= left
        # Workers have two places, and the server, which counts those that were killed, one.
        assert {name.rpartition("_")[2] for name in left} == {"0.db", "1.db", "main.db"}
        found = samples(server)
        assert sum(v for (n, _), v in found.items() if n == "churn_predictions_total") == 26


def test_the_logs_handler_is_one_as_the_library_knows_them(
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Some versions of Python take a handler's lock without looking whether there is one."""
    handler = json_log.Lines()
    handler.setFormatter(json_log.JSONFormatter())
    assert handler.lock is not None
    with handler.lock:
        handler.handle(logging.makeLogRecord({"msg": "written without waiting for the lock"}))
    assert "written without waiting" in capfd.readouterr().err
    handler.close()
