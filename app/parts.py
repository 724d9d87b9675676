"""Where a request's time goes: validation, model, cache, database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import perf_counter

from app.metrics import PART_SECONDS

_OBSERVE = {
    name: PART_SECONDS.labels(name).observe for name in ("validation", "model", "cache", "database")
}
_of_request: ContextVar[dict[str, float]] = ContextVar("parts")


def begin() -> dict[str, float]:
    """Start a request's account: seconds by part, filled by `took` until the answer begins."""
    account: dict[str, float] = {}
    _of_request.set(account)
    return account


def took(name: str, seconds: float) -> None:
    """Note that a part took so many seconds, of the current request where there is one."""
    _OBSERVE[name](seconds)
    account = _of_request.get(None)
    if account is not None:
        account[name] = account.get(name, 0.0) + seconds


@contextmanager
def part(name: str) -> Iterator[None]:
    """Note how long the block takes, whether or not it fails."""
    started = perf_counter()
    try:
        yield
    finally:
        took(name, perf_counter() - started)
