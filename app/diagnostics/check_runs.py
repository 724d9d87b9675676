"""Runs checks outside the threads of requests, each group once at a time for all who ask."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable
from concurrent.futures import Future, wait
from datetime import UTC, datetime
from time import perf_counter
from typing import Any

from flask import Flask

from app.diagnostics import checks
from app.diagnostics.checks import GROUPS
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
    """One run of a group's checks, in a thread of its own."""

    def __init__(self, app: Flask, group: str) -> None:
        self.began = self.ended = perf_counter()
        self.results: Future[dict[str, CheckResult]] = Future()
        self._app = app
        self._group = group
        threading.Thread(target=self._measure, name=f"check-{group}", daemon=True).start()

    def _measure(self) -> None:
        group = GROUPS[self._group]
        try:
            with self._app.app_context():
                found = group.run()
        except Exception as error:
            log.exception("the check %s failed", self._group)
            failed = CheckResult(None, f"the check failed: {type(error).__name__}", "a result")
            found = dict.fromkeys(group.checks, failed)
        self.ended = perf_counter()
        self.results.set_result(found)

    def serves(self, asked: float) -> bool:
        """Whether its result is new enough for a caller who asked at that time."""
        return not self.results.done() or self.ended > asked - FRESH_SECONDS


class CheckRuns:
    """The runs of an application's checks.

    A group has at most one thread. One that hangs keeps it; that is reported, and no other is
    started.

    Args:
        app: the application that is checked.
        seconds: time limit of a check.
    """

    names = tuple(checks.names())
    """Of all checks, such as `database.locks`."""

    digest = staticmethod(checks.check_digest)
    """Return a digest that changes with the code of a check or group."""

    def __init__(self, app: Flask, seconds: float) -> None:
        self._app = app
        self._seconds = seconds
        self._runs: dict[str, _Run] = {}
        self._lock = threading.Lock()
        self._waiters = threading.BoundedSemaphore(WAITERS)

    def results(self, names: Iterable[str], asked: float) -> list[dict[str, Any]]:
        """Run checks, groups side by side, and wait until each has ended or its time is over.

        Args:
            names: of the checks, such as `database.locks`.
            asked: when the caller asked, a time of `perf_counter`.

        Raises:
            Problem: 503, as many requests wait as may; the runs were started all the same.
        """
        names = list(names)
        groups = dict.fromkeys(name.partition(".")[0] for name in names)
        runs = {group: self._run(group, asked) for group in groups}
        pending = [run for run in runs.values() if not run.results.done() and self._left(run)]
        if pending and not self._waiters.acquire(blocking=False):
            raise Problem(
                "overloaded",
                f"{WAITERS} requests wait for checks, whose results others can have then",
                headers={"Retry-After": str(RETRY_SECONDS)},
            )
        if pending:
            try:
                for run in pending:
                    wait((run.results,), self._left(run))
            finally:
                self._waiters.release()
        return [self._described(name, runs[name.partition(".")[0]]) for name in names]

    def answer(self, name: str, asked: float) -> dict[str, Any]:
        """Run a check, or a group whose findings are merged into one result.

        Raises:
            KeyError: there is neither a check nor a group of that name.
            Problem: as `results` does.
        """
        found = self.results(checks.of(name), asked)
        if not found:
            raise KeyError(name)
        if len(found) == 1:
            return {**found[0], "name": name}
        ok = verdict(found)
        told = [check for check in found if check["ok"] is ok]
        return {
            "name": name,
            "ok": ok,
            "measured": "; ".join(f"{_short(check)}: {check['measured']}" for check in told),
            "threshold": "; ".join(f"{_short(check)}: {check['threshold']}" for check in told),
            "since": min((c["since"] for c in told if c["since"]), default=None),
            "age": max(check["age"] for check in found),
        }

    def _run(self, group: str, asked: float) -> _Run:
        with self._lock:
            run = self._runs.get(group)
            if run is None or not run.serves(asked):
                run = self._runs[group] = _Run(self._app, group)
            return run

    def _left(self, run: _Run) -> float:
        """Return the seconds that a run may still take."""
        return max(0.0, run.began + self._seconds - perf_counter())

    def _described(self, name: str, run: _Run) -> dict[str, Any]:
        if run.results.done():
            found = run.results.result()[name.partition(".")[2]]
            age = round(perf_counter() - run.ended, 3)
        else:
            age = 0.0
            found = CheckResult(
                None,
                f"the check has not ended after {perf_counter() - run.began:.0f} s",
                f"a result within {self._seconds:g} s",
            )
        return {
            "name": name,
            "ok": found.ok,
            "measured": found.measured,
            "threshold": found.threshold,
            "since": _text(found.since),
            "age": age,
        }


def verdict(found: Iterable[dict[str, Any]]) -> bool | None:
    """Return False if a check found something, else None if one could not judge, else True."""
    results = {check["ok"] for check in found}
    return next((ok for ok in (False, None) if ok in results), True)


def _short(check: dict[str, Any]) -> str:
    return str(check["name"]).partition(".")[2]


def _text(since: datetime | None) -> str | None:
    return since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if since else None
