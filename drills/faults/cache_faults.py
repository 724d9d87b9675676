"""Faults of Redis."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

import redis

from drills.faults.fault import DOWN, Fault
from drills.processor_quota import processor_quota
from drills.stack import Stack
from tools.servers import wait_until

SHARE_LEFT = 0.05
"""Share of its entries that a Redis has memory for that is too small."""


@contextmanager
def down(stack: Stack) -> Iterator[None]:
    """Kill Redis."""
    stack.redis_server.kill()
    try:
        yield
    finally:
        stack.redis_server.start()


@contextmanager
def emptied(stack: Stack) -> Iterator[None]:
    """Drop all entries."""
    stack.cache.flushall()
    yield


@contextmanager
def too_small(stack: Stack) -> Iterator[None]:
    """Leave Redis memory for a few entries only."""
    client = stack.cache
    full = client.info("memory")["used_memory"]
    client.flushall()
    empty = client.info("memory")["used_memory"]
    client.config_set("maxmemory", int(empty + SHARE_LEFT * (full - empty)))
    try:
        yield
    finally:
        client.config_set("maxmemory", 0)


@contextmanager
def cannot_write(stack: Stack) -> Iterator[None]:
    """Fill Redis' disk, when its entries have expired."""
    client = stack.cache
    filler = stack.folder / "redis" / "other-files"
    client.flushall()
    with ExitStack() as later:
        later.callback(_give_room, stack)
        with filler.open("wb", buffering=0) as file, suppress(OSError):
            while True:
                file.write(bytes(4096))

        def refused() -> bool:
            with suppress(redis.ResponseError):  # a save is going on
                client.bgsave()
            return bool(client.info("persistence")["rdb_last_bgsave_status"] == "err")

        wait_until(refused, "Redis notices that its disk is full")
        yield


@contextmanager
def emptied_before_a_small_database(stack: Stack) -> Iterator[None]:
    """Drop all entries, before a database with so little processor time that it needs the cache."""
    with processor_quota(stack.postgresql, share=0.35, period=1.0):
        stack.cache.flushall()
        yield


def _give_room(stack: Stack) -> None:
    client = stack.cache
    (stack.folder / "redis" / "other-files").unlink(missing_ok=True)
    client.config_set("stop-writes-on-bgsave-error", "yes")

    def saved() -> bool:
        with suppress(redis.ResponseError):
            client.bgsave()
        return bool(client.info("persistence")["rdb_last_bgsave_status"] == "ok")

    wait_until(saved, "Redis saves again")


CACHE_DOWN = Fault("Redis killed", "ChurnApiCacheDown", "cache.down", down)
EMPTIED = Fault("Redis flushed", "ChurnApiCacheHitRateLow", "cache.emptied", emptied)
SMALL = Fault(
    "memory for a twentieth of the entries", "ChurnApiCacheHitRateLow", "cache.small", too_small
)
WRITES = Fault(
    "Redis' disk full, the entries of before expired",
    "ChurnApiCacheHitRateLow",
    "cache.writes",
    cannot_write,
)
STORM = Fault(
    "Redis flushed, before a database with little processor time",
    "ChurnApiHighLatency",
    "cache.emptied",
    emptied_before_a_small_database,
    DOWN,
)
