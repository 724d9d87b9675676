"""`RATE_LIMIT`: counts each caller, in Redis if there is one, and doesn't fail with it."""

from __future__ import annotations

import signal
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from flask import Flask
from limits.storage import RedisStorage
from redis import Redis
from werkzeug.exceptions import TooManyRequests

from app.access import request_counts
from app.access.rate_limit import RateLimit
from app.access.request_counts import FEW, CountsInMemory
from app.config import SettingError
from app.resilience import circuit_breaker
from app.resilience.time_limits import TimeLimits
from app.services import services_of
from tests.apps import PATIENT, bearer, listening, make_app
from tests.problems import assert_problem
from tools.databases import halt, redis_server
from tools.ports import free_port
from tools.servers import gunicorn, wait_until


def limited(
    key_file: Path, rate: str = "3/hour", limits: TimeLimits = PATIENT, **settings: Any
) -> Flask:
    return make_app(limits, api_keys_file=key_file, rate_limit=rate, **settings)


def statuses(app: Flask, key: str, times: int) -> list[int]:
    client = app.test_client()
    return [client.get("/models", headers=bearer(key)).status_code for _ in range(times)]


def test_each_key_has_its_own_count_over_all_routes(key_file: Path, keys: dict[str, str]) -> None:
    app = limited(key_file)
    client = app.test_client()
    assert statuses(app, keys["predict"], 2) == [200, 200]
    assert client.get("/openapi.json", headers=bearer(keys["predict"])).status_code == 200
    refused = client.get("/models", headers=bearer(keys["predict"]))
    problem = assert_problem(refused, 429, "rate-limited")
    assert "3 per 1 hour" in problem["detail"]
    assert 1 <= int(refused.headers["Retry-After"]) <= 3601
    assert statuses(app, keys["operate"], 1) == [200]


def test_without_keys_the_address_is_counted() -> None:
    client = make_app(rate_limit="1/hour").test_client()
    assert [client.get("/models").status_code for _ in range(2)] == [200, 429]


def test_probes_and_refusals_are_not_counted(key_file: Path, keys: dict[str, str]) -> None:
    """Strangers can't use up a caller's limit, and probes don't count."""
    app = limited(key_file)
    client = app.test_client()
    assert {client.get("/health/live").status_code for _ in range(9)} == {200}
    assert {client.get("/models").status_code for _ in range(9)} == {401}
    assert statuses(app, keys["predict"], 3) == [200] * 3


def test_after_the_time_that_was_named_the_caller_is_served(
    key_file: Path, keys: dict[str, str]
) -> None:
    app = limited(key_file, "1/second")
    wait_until(lambda: statuses(app, keys["predict"], 1) == [429], "the limit")
    refused = app.test_client().get("/models", headers=bearer(keys["predict"]))
    assert int(refused.headers.get("Retry-After", 1)) <= 2
    wait_until(lambda: statuses(app, keys["predict"], 1) == [200], "served again")


@pytest.mark.parametrize("shared", [False, True], ids=["in memory", "redis"])
def test_the_time_of_day_neither_prolongs_a_refusal_nor_ends_it(
    key_file: Path,
    keys: dict[str, str],
    redis_url: str,
    monkeypatch: pytest.MonkeyPatch,
    shared: bool,
) -> None:
    """The clock of this machine is set back an hour, and forward."""
    with Redis.from_url(redis_url) as client:
        client.flushdb()
    app = limited(key_file, "1/minute", cache_url=redis_url if shared else "")
    today = time.time()
    assert statuses(app, keys["predict"], 1) == [200]
    for shift in (0, -3600, 3600):
        monkeypatch.setattr(time, "time", lambda shift=shift: today + shift)
        refused = app.test_client().get("/models", headers=bearer(keys["predict"]))
        assert refused.status_code == 429
        assert 1 <= int(refused.headers["Retry-After"]) <= 60


def test_a_period_in_memory_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """And its count is forgotten when there are many."""
    now = 1000.0
    monkeypatch.setattr(request_counts, "monotonic", lambda: now)
    counts = CountsInMemory()
    assert [counts.count("a", 60) for _ in range(3)] == [1, 2, 3]
    now += 59
    assert (counts.count("a", 60), counts.left("a")) == (4, 1)
    now += 1
    assert (counts.count("a", 60), counts.left("a")) == (1, 60)
    for caller in range(5 * FEW):
        counts.count(str(caller), 60)
        now += 1
    assert len(counts._counts) <= FEW
    assert counts.count(str(5 * FEW - 1), 60) == 2


def test_a_limit_is_exact_however_many_ask_at_once() -> None:
    counts = CountsInMemory()
    with ThreadPoolExecutor(8) as callers:
        found = list(callers.map(lambda _: counts.count("a", 3600), range(5000)))
    assert sorted(found) == list(range(1, 5001))


def test_who_waited_long_for_its_turn_is_counted_in_memory(
    key_file: Path, keys: dict[str, str], redis_url: str
) -> None:
    """A slow Redis then builds up no queue; the circuit stays closed, for it did not fail."""
    limit = RateLimit("2/hour", redis_url, PATIENT.count)
    late = monotonic() - PATIENT.count - 1
    for asked in (late, None, late, None):
        limit.count("late", asked)
    for asked in (late, None):
        with pytest.raises(TooManyRequests):
            limit.count("late", asked)


def test_without_a_rate_nothing_is_counted(keyed: Flask) -> None:
    assert "limiter" not in keyed.extensions


@pytest.mark.parametrize(
    "rate",
    [
        *("100", "lots", "0/second", "5/second;x", "100/fortnight", "-1/s"),
        *("2/0 second", "2 per 0 second", "1/99999 year"),
    ],
)
def test_a_wrong_rate_stops_the_start(rate: str) -> None:
    with pytest.raises(SettingError, match=r"RATE_LIMIT is .*100/second"):
        make_app(rate_limit=rate)


def test_processes_count_together_in_redis(
    key_file: Path, keys: dict[str, str], tmp_path: Path
) -> None:
    port = free_port()
    with redis_server(tmp_path, port):
        one, other = (limited(key_file, cache_url=f"redis://127.0.0.1:{port}/0") for _ in "ab")
        assert statuses(one, keys["predict"], 2) == [200, 200]
        assert statuses(other, keys["predict"], 2) == [200, 429]
        assert statuses(one, keys["predict"], 1) == [429]


@pytest.mark.parametrize(
    ("how", "error"),
    [(signal.SIGKILL, "ConnectionError"), (signal.SIGSTOP, "TimeoutError")],
    ids=["killed", "stopped"],
)
def test_without_redis_each_process_counts_for_itself_and_comes_back(  # noqa: PLR0917
    key_file: Path,
    keys: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    how: signal.Signals,
    error: str,
) -> None:
    """No request fails, and only one waits for Redis; what runs beside them tries it again."""
    port = free_port()
    # The one request that waits for it waits no longer.
    app = limited(key_file, limits=TimeLimits(count=2.0), cache_url=f"redis://127.0.0.1:{port}/0")
    asked: Counter[str] = Counter()
    real = RedisStorage.incr
    now = 0.0
    monkeypatch.setattr(circuit_breaker, "monotonic", lambda: now)

    def counting(*args: Any) -> int:
        asked["incr"] += 1
        found: int = real(*args)
        return found

    def in_redis_again() -> bool:
        nonlocal now
        now += circuit_breaker.RETRY_SECONDS
        limit = services_of(app).rate_limit
        assert limit
        limit.retry()
        return "rate-limit answers again" in messages()

    def messages() -> list[str]:
        return [r.getMessage() for r in caplog.records if r.name == circuit_breaker.__name__]

    monkeypatch.setattr(RedisStorage, "incr", counting)
    with ExitStack() as stack, listening(caplog):
        process = stack.enter_context(redis_server(tmp_path, port))
        assert statuses(app, keys["predict"], 2) == [200, 200]
        assert asked["incr"] == 2
        halt(process, how)
        assert statuses(app, keys["predict"], 4) == [200, 200, 200, 429]
        assert asked["incr"] == 3
        if how == signal.SIGKILL:
            process.wait()
            stack.enter_context(redis_server(tmp_path, port))
        else:
            process.send_signal(signal.SIGCONT)
        assert statuses(app, keys["operate"], 1) == [200]
        assert asked["incr"] == 3
        wait_until(in_redis_again, "Redis counts again")
        assert statuses(app, keys["operate"], 1) == [200]
        assert asked["incr"] == 4
    first, last = messages()
    assert first.startswith(f"rate-limit is unavailable: {error}")
    assert last == "rate-limit answers again"


def test_whatever_the_storage_raises_no_request_fails(
    key_file: Path, keys: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counting continues in memory."""
    app = limited(key_file, cache_url=f"redis://127.0.0.1:{free_port()}/0")

    def broken(*_: Any) -> int:
        raise TypeError("an option that redis does not know")

    monkeypatch.setattr(RedisStorage, "incr", broken)
    assert statuses(app, keys["predict"], 4) == [200, 200, 200, 429]


def test_a_redis_that_was_never_there_stops_nothing(key_file: Path, keys: dict[str, str]) -> None:
    app = limited(key_file, cache_url=f"redis://127.0.0.1:{free_port()}/0")
    assert statuses(app, keys["predict"], 4) == [200, 200, 200, 429]


def test_no_request_fails_when_redis_is_killed_under_load(tmp_path: Path) -> None:
    """Eight callers at once, as many as a worker has threads, on a live server."""
    port = free_port()
    environ = {"RATE_LIMIT": "100000/second", "CACHE_URL": f"redis://127.0.0.1:{port}/0"}
    with redis_server(tmp_path, port) as process, gunicorn(tmp_path, **environ) as server:

        def call(_: int) -> int:
            try:
                with urlopen(Request(f"{server.url}/models"), timeout=120) as answer:
                    status: int = answer.status
                    return status
            except HTTPError as error:
                error.close()
                return error.code

        with ThreadPoolExecutor(8) as callers:
            before = set(callers.map(call, range(40)))
            process.kill()
            after = set(callers.map(call, range(200)))
    assert before == {200}
    assert after == {200}


@pytest.mark.parametrize(("workers", "told"), [("2", True), ("1", False)])
def test_workers_that_count_for_themselves_are_told(
    tmp_path: Path, workers: str, told: bool
) -> None:
    """Otherwise an operator would take the limit for the service's."""
    with gunicorn(tmp_path, RATE_LIMIT="9/second", WEB_CONCURRENCY=workers) as server:
        said = server.log.read_text()  # written before the first worker starts
    assert ("each of the 2 workers" in said) is told
