"""Mixed traffic while parts are taken away and given back: who needs them waits, nobody else."""

from __future__ import annotations

import http.client
import json
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from app.config import Settings
from app.customers.files.customer_loader import load
from app.customers.sample_customers import SAMPLE
from app.customers.store.schema_upgrade import upgrade
from app.releases.registry import ReleaseRegistry
from app.releases.serving_pointer import Pointer, write
from tests.prediction_bodies import REQUIRED
from tests.stores import opened
from tools.databases import postgresql, redis_server
from tools.release_copies import copy_release
from tools.servers import Server, free_port, gunicorn, wait_until

RATE = 200
"""Requests a second."""

CLIENTS = 20

IN_TIME = 1.5
"""Seconds within which a lookup is answered while the database is away.

By the service's own measure all are. By the callers' all but a few: these share the processor with
it, and wait for that too.
"""

WORKERS = 2

RECOVERY = 10
"""Seconds after which a part that is back is used again."""

PREDICT = json.dumps({"features": REQUIRED}).encode()


@dataclass(frozen=True)
class Call:
    """One request and its answer; status 0 where the connection failed.

    `seconds` is what the service says that it took, `waited` what the caller waited.
    """

    at: float
    kind: str
    status: int
    seconds: float
    waited: float
    retry_after: str | None


@dataclass
class Traffic:
    """Clients that call the service, each on a connection of its own, and what they were told."""

    server: Server
    calls: list[Call] = field(default_factory=list)
    _done: threading.Event = field(default_factory=threading.Event)

    def client(self, number: int) -> None:
        host, _, port = self.server.url.removeprefix("http://").partition(":")
        connection = http.client.HTTPConnection(host, int(port), timeout=30)
        beat = time.monotonic() + number / RATE
        turn = number
        while not self._done.wait(max(0.0, beat - time.monotonic())):
            beat = max(beat + CLIENTS / RATE, time.monotonic() - 1)
            turn += 1
            # Of ten calls four look a customer up; of 200 customers some are in the cache.
            kind = "lookup" if turn % 10 < 4 else "predict"
            self._call(connection, kind, turn)
        connection.close()

    def _call(self, connection: http.client.HTTPConnection, kind: str, turn: int) -> None:
        started, status, seconds, retry = time.monotonic(), 0, 0.0, None
        try:
            if kind == "predict":
                headers = {"Content-Type": "application/json"}
                connection.request("POST", "/predict", PREDICT, headers)
            else:
                connection.request("GET", f"/customers/{CUSTOMERS[turn % 200]}/prediction")
            response = connection.getresponse()
            response.read()
            status, retry = response.status, response.getheader("Retry-After")
            seconds = float(response.headers["Process-Time"]) / 1000
        except (OSError, http.client.HTTPException):
            connection.close()
        waited = time.monotonic() - started
        self.calls.append(Call(started, kind, status, seconds, waited, retry))

    @contextmanager
    def running(self) -> Iterator[None]:
        threads = [threading.Thread(target=self.client, args=(n,)) for n in range(CLIENTS)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._done.set()
            for thread in threads:
                thread.join()

    def between(self, start: float, end: float, kind: str) -> list[Call]:
        return [c for c in self.calls if start <= c.at < end and c.kind == kind]

    def all_well_within(self, seconds: float) -> None:
        """Wait until fifty calls in a row, twenty of them lookups, are answered with 200."""
        since = len(self.calls)

        def well() -> bool:
            statuses = [call.status for call in self.calls[since:][-50:]]
            return len(statuses) == 50 and set(statuses) == {200}

        wait_until(well, "everything is answered", seconds)


CUSTOMERS = [line.partition(",")[0] for line in SAMPLE.read_text().splitlines()[1:]]


@pytest.fixture
def model_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "releases"
    for version in ("1.0.0", "1.1.0"):
        copy_release(Settings().model_dir / "1.0.0", folder / version)
    write(folder, Pointer("1.0.0"))
    return folder


@pytest.mark.alone
def test_parts_come_and_go_under_load(
    tmp_path: Path, model_dir: Path, churn: Callable[..., Any]
) -> None:
    """No 5xx for a prediction from features; lookups wait for the database alone, and not long."""
    port = free_port()
    with postgresql() as database:
        address = database.new()
        with opened(address) as store, SAMPLE.open("rb") as sample:
            upgrade(store.database)
            load(store, sample, tmp_path / "r", ReleaseRegistry(model_dir).serving, lambda _: None)
        environ = {
            "DATABASE_URL": address,
            "CACHE_URL": f"redis://127.0.0.1:{port}/0",
            "MODEL_DIR": str(model_dir),
            "WEB_CONCURRENCY": str(WORKERS),
            "RATE_LIMIT": "100000/second",
        }
        with gunicorn(tmp_path, **environ) as server:
            traffic = Traffic(server)
            with traffic.running():
                with redis_server(tmp_path, port) as redis:
                    traffic.all_well_within(RECOVERY)
                    redis.kill()
                    redis.wait()
                    traffic.all_well_within(RECOVERY)
                with redis_server(tmp_path, port):
                    traffic.all_well_within(RECOVERY)
                    releases(churn, traffic, environ)
                flushed = time.monotonic()  # no cache hides the database from here on
                database.send(signal.SIGSTOP)
                try:
                    wait_until(lambda: refused(traffic, flushed) >= 50, "lookups are refused")
                finally:
                    database.send(signal.SIGCONT)
                traffic.all_well_within(RECOVERY)
    assert_contract(traffic)


def releases(churn: Callable[..., Any], traffic: Traffic, environ: dict[str, str]) -> None:
    """Promote one, roll back, and try a damaged one."""
    promoted = churn("model", "promote", "1.1.0", **environ)
    assert promoted.returncode == 0, promoted.stderr
    assert churn("model", "rollback", **environ).returncode == 0

    def refusals() -> int:
        return traffic.server.log.read_text().count("1.2.0 refused")

    folder = Path(environ["MODEL_DIR"])
    copy_release(folder / "1.0.0", folder / "damaged")
    (folder / "damaged" / "scorecard.json").write_text("{}")
    (folder / "damaged").rename(folder / "1.2.0")  # at once: each change is refused once
    wait_until(lambda: refusals() >= WORKERS, "each worker refuses the damaged release")
    assert churn("model", "promote", "1.2.0", **environ).returncode == 1
    write(folder, Pointer("1.2.0", "1.0.0"))  # past the command
    wait_until(lambda: refusals() >= 2 * WORKERS, "each worker refuses to serve it")
    traffic.all_well_within(RECOVERY)


def refused(traffic: Traffic, since: float) -> int:
    return sum(c.status == 503 for c in traffic.between(since, time.monotonic(), "lookup"))


def assert_contract(traffic: Traffic) -> None:
    assert {call.status for call in traffic.calls if call.kind == "predict"} == {200}
    lookups = [call for call in traffic.calls if call.kind == "lookup"]
    assert {call.status for call in lookups} == {200, 503}
    away = [call for call in lookups if call.status == 503]
    assert all(call.retry_after == "2" for call in away)
    assert max(call.seconds for call in away) < IN_TIME
    assert sum(call.waited < IN_TIME for call in away) > 0.95 * len(away)
    assert "Traceback" not in traffic.server.log.read_text()
