"""Each fault of a cache is found by its own check, and ruled out by the others."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from flask import Flask

from app.customers.store.cache_backends import RedisState
from app.diagnostics.checks import GROUPS, cache_checks
from app.diagnostics.checks.cache_checks import CacheLook
from app.services import services
from tests.apps import make_app
from tools.databases import redis_server
from tools.ports import free_port
from tools.servers import wait_until

SOUND: dict[str, Any] = {
    "used": 10_000_000,
    "limit": 20_000_000,
    "evicted": 0,
    "held": 9_000,
    "seconds": 86_400,
    "refusal": "",
    "refuses_for_memory": False,
}
FLUSHED = {"held": 40}
FULL = {"used": 19_900_000, "evicted": 70}
MISCONF = {"refusal": "MISCONF Redis is configured to save RDB snapshots"}
OOM = {"refusal": "command not allowed", "refuses_for_memory": True}
MISSES = {"lookups": 100, "hits": 3}


@pytest.mark.parametrize(
    ("state", "seen", "cause"),
    [
        ({}, {"lookups": 100, "hits": 90}, None),
        ({}, MISSES, None),
        (FLUSHED, MISSES, "emptied"),
        (FLUSHED, {"lookups": 15, "hits": 0}, None),
        (FLUSHED, MISSES | {"database_answers": False}, None),
        (FULL | FLUSHED, MISSES, "small"),
        (FULL, {"lookups": 100, "hits": 90}, "small"),
        (FULL | {"evicted": 0}, {}, None),
        (OOM | FLUSHED, MISSES, "small"),
        (MISCONF | FLUSHED, MISSES, "writes"),
        (None, {"fault": "cache: TimeoutError"}, "down"),
        (None, MISSES, None),
    ],
)
def test_a_look_is_judged_by_one_check_alone(
    state: dict[str, Any] | None, seen: dict[str, Any], cause: str | None
) -> None:
    """The last is a cache in process."""
    found = CacheLook(state=None if state is None else RedisState(**SOUND | state), **seen)
    results = {name: check(found) for name, check in GROUPS["cache"].checks.items()}
    assert [name for name, result in results.items() if not result.ok] == [cause] * bool(cause)


def test_a_restart_is_when_it_was_emptied() -> None:
    state = RedisState(**SOUND | FLUSHED | {"seconds": 100})
    assert cache_checks.emptied(CacheLook(state=state, **MISSES)).since is not None
    state = RedisState(**SOUND | FLUSHED)
    assert cache_checks.emptied(CacheLook(state=state, **MISSES)).since is None


@pytest.fixture
def cached(tmp_path: Path) -> Iterator[tuple[Flask, redis.Redis, Any]]:
    """An application with a Redis of its own that keeps its entries in a file."""
    port = free_port()
    folder = tmp_path / "redis"
    folder.mkdir()
    with redis_server(folder, port) as process, redis.Redis(port=port) as client:
        yield make_app(cache_url=f"redis://127.0.0.1:{port}/0"), client, process


def findings(app: Flask, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setattr(cache_checks.processes, "SAMPLE_SECONDS", 0.01)
    with app.app_context():
        found = cache_checks.look()
    return [name for name, check in GROUPS["cache"].checks.items() if not check(found).ok]


def test_the_faults_of_a_real_redis(
    cached: tuple[Flask, redis.Redis, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And asking changes none of its keys."""
    app, client, process = cached
    entries = {f"wa-{number:04}": {"tenure": number} for number in range(2_000)}
    with app.app_context():
        cache = services().customers.store.cache
        cache.put(entries)  # type: ignore[arg-type]
        state = cache.state()
        assert state is not None
        assert state.held == client.dbsize() == 2_000

    def holds(*names: str) -> bool:
        return findings(app, monkeypatch) == [*names]

    wait_until(holds, "a sound Redis")
    client.config_set("maxmemory-policy", "allkeys-lru")
    client.config_set("maxmemory", client.info()["used_memory"] - 200_000)
    wait_until(lambda: holds("small"), "it has evicted entries")
    client.config_set("maxmemory-policy", "noeviction")
    client.config_set("maxmemory", 1)
    wait_until(lambda: holds("small"), "it refuses entries")
    client.config_set("maxmemory", 0)
    wait_until(holds, "it has memory again")
    client.config_set("save", "1 1")
    _fail_to_save(client)
    wait_until(lambda: holds("writes"), "it refuses to write")
    client.config_set("stop-writes-on-bgsave-error", "no")
    wait_until(holds, "it writes again")
    client.config_set("save", "")  # with a file that can't be written it wouldn't end
    kept = client.dbsize()
    process.send_signal(signal.SIGSTOP)
    try:
        wait_until(lambda: holds("down"), "it does not answer")
    finally:
        process.send_signal(signal.SIGCONT)
    wait_until(holds, "it answers again")
    assert client.dbsize() == kept


def _fail_to_save(client: redis.Redis) -> None:
    """Let a save fail: its folder is gone."""
    shutil.rmtree(client.config_get("dir")["dir"])
    client.bgsave()
    wait_until(lambda: client.info()["rdb_last_bgsave_status"] == "err", "the save fails")
