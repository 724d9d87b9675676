"""Where a request's time goes: validation, model, cache, database."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from time import perf_counter

from app.observability.metrics import PART_SECONDS

_PARTS = ("validation", "model", "cache", "database", "alerts")
_OBSERVE = {name: PART_SECONDS.labels(name).observe for name in _PARTS}
record: Callable[[str, float], None] | None = None
"""Told of each part of a request that ends, and its seconds; none where nothing is traced."""

_of_request: ContextVar[dict[str, float]] = ContextVar("parts")


def begin() -> dict[str, float]:
    """Start a request's account: seconds by part, filled until the answer begins."""
    account: dict[str, float] = {}
    _of_request.set(account)
    return account


class timed:  # noqa: N801 - reads as the verb of a `with`
    """Note how long a block takes, whether or not it fails, of the request where there is one."""

    __slots__ = ("name", "started")

    def __init__(self, name: str) -> None:
        self.name = name

    def __enter__(self) -> None:
        self.started = perf_counter()

    def __exit__(self, *_: object) -> None:
        note(self.name, perf_counter() - self.started)


def note(name: str, seconds: float) -> None:
    """Note how long a part took, of the request where there is one."""
    _OBSERVE[name](seconds)
    account = _of_request.get(None)
    if account is not None:
        account[name] = account.get(name, 0.0) + seconds
        if record:
            record(name, seconds)
