"""The places where the cache keeps entries: in process, or in Redis."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from math import ceil
from time import monotonic
from typing import TYPE_CHECKING, Any

from cachelib import BaseCache, RedisCache, SimpleCache

from app.resilience.redis_client import redis_client

if TYPE_CHECKING:
    from redis import Redis

MOST = 20_000
"""Entries in process, about half a kilobyte each."""

UNUSED = "churn:unused"
"""A key that never has an entry."""

SAMPLED = 20
"""Keys by which the share of our entries is estimated."""


def backend(url: str, seconds: float) -> BaseCache:
    """Make the backend that CACHE_URL names; an empty one means in process.

    Args:
        url: as CACHE_URL.
        seconds: time limit of a call to Redis.

    Raises:
        ValueError: the address cannot be used.
    """
    if not url:
        return _InProcess(MOST)
    return _Redis(redis_client(url, seconds))


@dataclass(frozen=True)
class RedisState:
    """Bytes used, the limit (0: none), and entries evicted because memory was full."""

    used: int
    limit: int
    evicted: int
    held: int
    """Entries of ours that it holds, estimated from some of its keys."""

    seconds: int
    """How long Redis has run."""

    refusal: str
    """Why it refuses to write, in its words; empty if it doesn't."""

    refuses_for_memory: bool


def redis_state(cache: BaseCache, prefix: str) -> RedisState | None:
    """Ask Redis how it is, in one round trip; return None for another backend.

    Args:
        cache: the backend.
        prefix: of the keys that count as ours.
    """
    if not isinstance(cache, _Redis):
        return None
    from redis.exceptions import OutOfMemoryError  # noqa: PLC0415 - see redis_client

    pipe = cache.client.pipeline(transaction=False)
    pipe.info()
    pipe.dbsize()
    pipe.set(UNUSED, "", xx=True)  # changes nothing, but is refused as every write is
    for _ in range(SAMPLED):
        pipe.randomkey()
    said, size, written, *keys = pipe.execute(raise_on_error=False)
    ours = sum(isinstance(key, bytes) and key.startswith(prefix.encode()) for key in keys)
    return RedisState(
        used=said["used_memory"],
        limit=said.get("maxmemory", 0),
        evicted=said.get("evicted_keys", 0),
        held=size * ours // SAMPLED,
        seconds=said["uptime_in_seconds"],
        refusal=str(written)[:100] if isinstance(written, Exception) else "",
        refuses_for_memory=isinstance(written, OutOfMemoryError),
    )


def add_many(cache: BaseCache, entries: dict[str, Any], seconds: int) -> None:
    """Keep each entry whose key has none yet; one round trip to Redis."""
    if isinstance(cache, _Redis):
        cache.add_many(entries, seconds)
    else:
        for key, value in entries.items():
            cache.add(key, value, seconds)


class _InProcess(SimpleCache):
    """Ends entries by a clock that nobody sets; the base class goes by the time of day.

    Drops a tenth when full; the base class would sort all entries for each new one.
    """

    def get(self, key: str) -> Any:
        with self._lock:
            return self.serializer.loads(self._cache[key][1]) if self.has(key) else None

    def has(self, key: str) -> bool:
        with self._lock:
            ends, _ = self._cache.get(key, (0, b""))
            return bool(ends > monotonic())

    def _normalize_timeout(self, timeout: int | timedelta | None) -> int:
        seconds = BaseCache._normalize_timeout(self, timeout)
        return ceil(monotonic()) + seconds

    def _prune(self) -> None:
        if self._over_threshold():
            self._remove_expired(monotonic())
        if self._over_threshold():
            for key in list(islice(self._cache, self._threshold // 10)):
                del self._cache[key]


class _Redis(RedisCache):
    """Stores JSON, which is data; the base class stores pickles, which are code."""

    def __init__(self, client: Redis) -> None:
        super().__init__(client)
        self.client = client

    def get(self, key: str) -> Any:
        text = self.client.get(key)
        try:
            return None if text is None else json.loads(text)
        except ValueError:
            return text  # someone else wrote it; the caller rejects it

    def set_many(
        self, mapping: dict[str, Any], timeout: int | timedelta | None = None
    ) -> list[Any]:
        pipe = self.client.pipeline(transaction=False)
        for key, value in mapping.items():
            pipe.set(key, json.dumps(value), ex=timeout)
        return list(pipe.execute())

    def add(self, key: str, value: object, timeout: int | timedelta | None = None) -> Any:
        # One command; the base class needs two and could leave an entry that never expires.
        return self.client.set(key, json.dumps(value), ex=timeout, nx=True)

    def add_many(self, mapping: dict[str, object], timeout: int) -> None:
        pipe = self.client.pipeline(transaction=False)
        for key, value in mapping.items():
            pipe.set(key, json.dumps(value), ex=timeout, nx=True)
        pipe.execute()
