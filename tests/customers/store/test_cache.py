"""The cache shares loads, never returns old features, and may be down."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import cachelib.simple
import pytest
import redis
from prometheus_client import REGISTRY

from app.customers.store import cache, cache_backends
from app.customers.store.cache import Cache, Features
from app.customers.store.database import QUERYING, Database
from app.customers.store.queries import CustomerStore
from app.resilience import single_flight
from app.resilience.circuit_breaker import FAILURE_THRESHOLD
from app.resilience.time_limits import TimeLimits
from app.resilience.unavailable import DependencyUnavailable
from model.features import Contract
from tests.apps import OWN, PATIENT
from tests.customers.conftest import Fill, some
from tests.prediction_bodies import CONTRACT
from tests.stores import opened
from tools.databases import halt, redis_server
from tools.ports import free_port
from tools.servers import wait_until

FEATURES: Features = {"tenure": 12, "contract": "One year", "monthly_charges": 65.5}
NEWER: Features = {**FEATURES, "tenure": 13}


class Loads:
    """A loader that counts."""

    def __init__(self, features: Features | None = FEATURES) -> None:
        self.features = features
        self.times = 0

    def __call__(self) -> Features | None:
        self.times += 1
        return self.features


def cache_at(url: str, tmp_path: Path, limits: TimeLimits = PATIENT) -> Cache:
    database = Database(f"sqlite:///{tmp_path / 'none.sqlite3'}", limits.lookup)
    return Cache(url, database, CONTRACT, limits.redis)


@pytest.fixture(params=["in process", "redis"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Cache:
    """A cache of each kind in turn, empty."""
    url = ""
    if request.param == "redis":
        url = request.getfixturevalue("redis_url")
        with redis.Redis.from_url(url) as client:
            client.flushdb()
    return cache_at(url, tmp_path)


def counted(result: str) -> float:
    return REGISTRY.get_sample_value("churn_cache_requests_total", {"result": result}) or 0


def test_the_second_lookup_is_a_hit(kept: Cache) -> None:
    hits, misses = counted("hit"), counted("miss")
    load = Loads()
    assert [kept.get("c-1", load) for _ in range(3)] == [FEATURES] * 3
    assert load.times == 1
    assert (counted("hit") - hits, counted("miss") - misses) == (2, 1)


def test_who_is_not_stored_is_not_kept(kept: Cache) -> None:
    nobody = Loads(None)
    assert kept.get("c-1", nobody) is None
    assert kept.get("c-1", Loads()) == FEATURES


def test_a_changed_contract_reads_no_old_entry(kept: Cache) -> None:
    """The contract's digest is part of the key."""
    kept.get("c-1", Loads())
    load = Loads(NEWER)
    kept.contract = Contract(CONTRACT.features[:-1])
    assert kept.get("c-1", load) == NEWER
    assert load.times == 1


@pytest.mark.parametrize("entry", [5, True, [1], "x", {"tenure": -1}, {"other": 1}])
def test_what_is_no_customer_counts_as_a_miss_and_is_replaced(kept: Cache, entry: Any) -> None:
    """Redis may be written by anyone."""
    kept.put({"c-1": entry})
    load, missed = Loads(), counted("miss")
    assert [kept.get("c-1", load) for _ in range(2)] == [FEATURES, FEATURES]
    assert (load.times, counted("miss") - missed) == (1, 1)


def test_when_a_popular_entry_is_missing_one_loads_for_all(
    kept: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No stampede: as many lookups at once as may query are one query."""
    waiting: list[int] = []

    class Watched(Future[Features | None]):
        def result(self, timeout: float | None = None) -> Features | None:
            waiting.append(1)
            return super().result(timeout)

    monkeypatch.setattr(single_flight, "Future", Watched)
    entered, go_on, load = threading.Event(), threading.Event(), Loads()

    def slow() -> Features | None:
        entered.set()
        assert go_on.wait(120)
        return load()

    with ThreadPoolExecutor(QUERYING) as pool:
        first = pool.submit(kept.get, "c-1", slow)
        assert entered.wait(120)
        others = [pool.submit(kept.get, "c-1", slow) for _ in range(QUERYING - 1)]
        wait_until(lambda: len(waiting) == QUERYING - 1, "the others wait for the first")
        go_on.set()
        assert [each.result() for each in (first, *others)] == [FEATURES] * QUERYING
    assert load.times == 1


def test_a_failed_load_fails_for_those_who_wait_and_is_not_kept(kept: Cache) -> None:
    def fails() -> Features:
        raise DependencyUnavailable("database: away")

    with pytest.raises(DependencyUnavailable, match="database: away"):
        kept.get("c-1", fails)
    assert kept.get("c-1", Loads()) == FEATURES


def test_a_lookup_that_began_before_a_change_puts_nothing_old_back(kept: Cache) -> None:
    def old() -> Features:
        kept.forget(["c-1"])  # the change comes between its query and its answer
        return FEATURES

    assert kept.get("c-1", old) == FEATURES
    load = Loads(NEWER)
    assert kept.get("c-1", load) == NEWER
    assert load.times == 1


def test_warming_puts_nothing_old_back_either(kept: Cache) -> None:
    kept.put({"c-1": FEATURES})
    kept.forget(["c-1", "c-2"])
    kept.put({"c-1": FEATURES, "c-2": FEATURES, "c-3": FEATURES})
    load = Loads(NEWER)
    assert [kept.get(customer, load) for customer in ("c-1", "c-2")] == [NEWER, NEWER]
    assert kept.get("c-3", load) == FEATURES


def held(kept: Cache) -> int:
    """How many of a thousand customers it knows without a load."""
    return sum(kept.get(f"c-{i}", Loads(None)) is not None for i in range(1000))


def test_in_process_it_has_a_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache_backends, "MOST", 100)
    small = cache_at("", tmp_path)
    for i in range(1000):
        small.get(f"c-{i}", Loads())
        if i % 100 == 99:
            assert 0 < held(small) <= 101
    load = Loads()
    small.get("c-999", load)
    assert load.times == 0


def test_in_redis_entries_are_json_and_expire(redis_url: str, tmp_path: Path) -> None:
    """JSON is data; a pickle would run code of anyone who can write to Redis."""
    shared = cache_at(redis_url, tmp_path)
    with redis.Redis.from_url(redis_url) as client:
        client.flushdb()
        shared.get("c-1", Loads())
        (key,) = client.keys()
        assert client.get(key).startswith(b"{")
        assert 0 < client.ttl(key) <= cache.TTL


@pytest.fixture
def redis_process(tmp_path: Path) -> Iterator[tuple[int, Callable[[], Any]]]:
    """A port, and a function that starts a Redis at it."""
    port = free_port()
    started: list[Any] = []

    def start() -> Any:
        started.append(redis_server(tmp_path, port))
        return started[-1].__enter__()

    yield port, start
    for server in started:
        server.__exit__(None, None, None)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "stopped"])
def test_without_redis_the_database_answers_and_redis_comes_back(
    redis_process: Any, tmp_path: Path, how: signal.Signals
) -> None:
    port, start = redis_process
    process = start()
    shared = cache_at(f"redis://127.0.0.1:{port}/0", tmp_path, OWN)
    shared.get("c-1", Loads())
    halt(process, how)
    errors = counted("error")
    for _ in range(FAILURE_THRESHOLD):
        load = Loads()
        assert shared.get("c-1", load) == FEATURES
        assert load.times == 1
    assert counted("error") == errors + FAILURE_THRESHOLD
    assert shared.breaker.state["status"] == "failing"
    assert shared.forget(["c-1"]) is False
    with pytest.raises(DependencyUnavailable):
        shared.put({"c-1": FEATURES})
    if how == signal.SIGKILL:
        process.wait()
        start()
    else:
        process.send_signal(signal.SIGCONT)

    def hit() -> bool:
        load = Loads()
        assert shared.get("c-1", load) == FEATURES
        return load.times == 0

    wait_until(hit, "the cache answers again")
    assert shared.breaker.state["status"] == "ok"


def test_a_change_shows_at_once(
    address: str, fill: Fill, store: CustomerStore, redis_url: str
) -> None:
    """In process, and in other processes through Redis or the file's modification time."""
    (customer, before), (_, after) = some(2)
    with opened(address, redis_url) as other:
        fill([(customer, before)])
        other.cache.forget([customer])
        assert store.features(customer) == other.features(customer) == before
        fill([(customer, after)])
        assert store.features(customer) == after
        if other.database.embedded:
            assert other.features(customer) == after


def test_the_time_of_day_ends_no_entry_and_keeps_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clock is set back an hour, and forward; an entry lives as long as it should."""
    now, today = 1000.0, time.time()
    monkeypatch.setattr(cache_backends, "monotonic", lambda: now)
    kept = cache_at("", tmp_path)
    load = Loads()
    for shift in (0, -3600, 3600):
        monkeypatch.setattr(cachelib.simple, "time", lambda shift=shift: today + shift)
        assert kept.get("c-1", load) == FEATURES
        now += 1
    assert load.times == 1
    now += kept.ttl
    kept.get("c-1", load)
    assert load.times == 2
