"""Runs checks outside the threads of requests: each once at a time, shared by all who ask."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable
from concurrent.futures import Future, wait
from dataclasses import asdict
from time import perf_counter
from typing import Any

from flask import Flask

from app.diagnostics.checks import CHECKS
from app.diagnostics.checks.check_result import CheckResult
from app.http.problems import Problem

FRESH_SECONDS = 1.0
"""How long after a run those who ask are given its result."""

WAITERS = 2
"""Requests of a process that may wait for checks; each holds a thread."""

RETRY_SECONDS = 1
"""Seconds after which a refused request should be sent again: most runs have ended then."""

log = logging.getLogger(__name__)


class _Run:
    """One run of a check, in a thread of its own."""

    def __init__(self, app: Flask, name: str) -> None:
        self.began = self.ended = perf_counter()
        self.result: Future[CheckResult] = Future()
        self._app = app
        self._name = name
        threading.Thread(target=self._measure, name=f"check-{name}", daemon=True).start()

    def _measure(self) -> None:
        try:
            with self._app.app_context():
                found = CHECKS[self._name]()
        except Exception as error:
            log.exception("the check %s failed", self._name)
            found = CheckResult(False, f"the check failed: {type(error).__name__}", "a result")
        self.ended = perf_counter()
        self.result.set_result(found)

    def serves(self, asked: float) -> bool:
        """Whether its result is new enough for a caller who asked at that time."""
        return not self.result.done() or self.ended > asked - FRESH_SECONDS


class CheckRuns:
    """The runs of an application's checks.

    A check has at most one thread. One that hangs keeps it; that is reported, and no other is
    started.

    Args:
        app: the application that is checked.
        seconds: time limit of a check.
    """

    def __init__(self, app: Flask, seconds: float) -> None:
        self._app = app
        self._seconds = seconds
        self._runs: dict[str, _Run] = {}
        self._lock = threading.Lock()
        self._waiters = threading.BoundedSemaphore(WAITERS)

    def results(self, names: Iterable[str], asked: float) -> list[dict[str, Any]]:
        """Run checks side by side, and wait until each has ended or its time is over.

        Args:
            names: of the checks.
            asked: when the caller asked, a time of `perf_counter`.

        Raises:
            Problem: 503, as many requests wait as may; the runs were started all the same.
        """
        runs = {name: self._run(name, asked) for name in names}
        pending = [run for run in runs.values() if not run.result.done() and self._left(run)]
        if pending and not self._waiters.acquire(blocking=False):
            raise Problem(
                "overloaded",
                f"{WAITERS} requests wait for checks, whose results others can have then",
                headers={"Retry-After": str(RETRY_SECONDS)},
            )
        if pending:
            try:
                for run in pending:
                    wait((run.result,), self._left(run))
            finally:
                self._waiters.release()
        return [{"name": name, **self._described(run)} for name, run in runs.items()]

    def _run(self, name: str, asked: float) -> _Run:
        with self._lock:
            run = self._runs.get(name)
            if run is None or not run.serves(asked):
                run = self._runs[name] = _Run(self._app, name)
            return run

    def _left(self, run: _Run) -> float:
        """Return the seconds that a run may still take."""
        return max(0.0, run.began + self._seconds - perf_counter())

    def _described(self, run: _Run) -> dict[str, Any]:
        if run.result.done():
            return {**asdict(run.result.result()), "age": round(perf_counter() - run.ended, 3)}
        hung = CheckResult(
            False,
            f"the check has not ended after {perf_counter() - run.began:.0f} s",
            f"a result within {self._seconds:g} s",
        )
        return {**asdict(hung), "age": 0.0}
