"""Shares one call among concurrent callers."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

T = TypeVar("T")


class SingleFlight(Generic[T]):
    """Makes one call for all who ask for the same key while it runs."""

    def __init__(self) -> None:
        self._flights: dict[str, Future[T]] = {}
        self._lock = threading.Lock()

    def share(self, key: str, call: Callable[[], T], seconds: float) -> T:
        """Return the result of `call`, or of the running one; raise what it raises.

        Raises:
            TimeoutError: the running call takes longer.
        """
        with self._lock:
            future = self._flights.get(key)
            if future is None:
                mine: Future[T] = Future()
                self._flights[key] = mine
        if future is not None:
            return future.result(seconds)
        try:
            answer = call()
        except BaseException as error:
            mine.set_exception(error)
            raise
        else:
            mine.set_result(answer)
            return answer
        finally:
            with self._lock:
                del self._flights[key]
