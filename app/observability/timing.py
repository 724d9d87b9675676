"""Measures the parts of a request, such as validation, model, cache and database."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from time import perf_counter

from app.observability.metrics import PART_SECONDS

_PARTS = ("validation", "model", "cache", "database", "alerts", "drills", "rate-limit")
_OBSERVE = {name: PART_SECONDS.labels(name).observe for name in _PARTS}
record: Callable[[str, float], None] | None = None
"""Called with each part of a request and its seconds; None without tracing."""

_of_request: ContextVar[dict[str, float]] = ContextVar("parts")


def begin() -> dict[str, float]:
    """Start the account of a request: seconds by part, filled until the answer begins."""
    account: dict[str, float] = {}
    _of_request.set(account)
    return account


class timed:  # noqa: N801 - reads as the verb of a `with`
    """Notes how long a block takes, even if it fails, in the account of the request."""

    __slots__ = ("name", "started")

    def __init__(self, name: str) -> None:
        self.name = name

    def __enter__(self) -> None:
        self.started = perf_counter()

    def __exit__(self, *_: object) -> None:
        note(self.name, perf_counter() - self.started)


def note(name: str, seconds: float) -> None:
    """Note how long a part took, in the account of the request if there is one."""
    _OBSERVE[name](seconds)
    account = _of_request.get(None)
    if account is not None:
        account[name] = account.get(name, 0.0) + seconds
        if record:
            record(name, seconds)
