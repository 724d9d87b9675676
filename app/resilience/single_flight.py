"""Calls of the same thing at the same time, made once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

T = TypeVar("T")


class SingleFlight(Generic[T]):
    """Shares one call among all who ask for its key while it is under way."""

    def __init__(self) -> None:
        self._flights: dict[str, Future[T]] = {}
        self._lock = threading.Lock()

    def share(self, key: str, call: Callable[[], T], seconds: float) -> T:
        """The answer of `call`, or of the one under way; raises what it raises.

        Raises:
            TimeoutError: the one under way takes longer.
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
