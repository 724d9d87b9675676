"""A call that takes too long is left behind, counted and logged."""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from unittest.mock import patch

import pytest

from app.resilience import circuit_breaker, deadline
from app.resilience.circuit_breaker import FAILURE_THRESHOLD, RETRY_SECONDS
from app.resilience.deadline import TimeLimited
from app.resilience.unavailable import DependencyUnavailable
from tests.apps import PATIENT, listening

PATIENCE = PATIENT.lookup


class Clock:
    """A clock that moves only when a test sets it."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The circuit breaker's."""
    made = Clock()
    monkeypatch.setattr(circuit_breaker, "monotonic", made)
    return made


class AwayError(Exception):
    """What a part raises."""


def away() -> None:
    raise AwayError("connection refused\nSELECT secret")


def test_the_log_says_once_that_a_part_is_away_and_once_that_it_is_back(
    caplog: pytest.LogCaptureFixture, clock: Clock
) -> None:
    """The log has the error's first line; the rest can contain a statement and its values."""
    limited = TimeLimited("database", PATIENCE, (AwayError,))
    with listening(caplog):
        for _ in range(FAILURE_THRESHOLD + 5):
            with pytest.raises(DependencyUnavailable):
                limited(away)
        clock.now += RETRY_SECONDS
        limited(lambda: None)
    assert [record.getMessage() for record in caplog.records] == [
        "database is unavailable: AwayError: connection refused",
        "database answers again",
    ]


def test_a_call_that_hangs_is_left_behind_and_holds_a_place_no_longer_than_it_hangs(
    clock: Clock,
) -> None:
    release, limited = threading.Event(), TimeLimited("database", 0.05, (AwayError,), most=2)
    for _ in range(2):
        with pytest.raises(DependencyUnavailable, match="no answer within"):
            limited(release.wait)
    with pytest.raises(DependencyUnavailable, match="every connection is busy"):
        limited(lambda: None)
    assert limited.breaker.opened
    release.set()
    clock.now += RETRY_SECONDS
    limited.seconds = PATIENCE
    assert limited(lambda: True)  # waits for a place
    assert not limited.breaker.opened


def test_a_call_for_which_there_is_no_thread_holds_no_place(clock: Clock) -> None:
    limited = TimeLimited("database", PATIENCE, (AwayError,), most=1)
    with patch.object(threading.Thread, "start", side_effect=RuntimeError("no thread")):
        for _ in range(2):
            with pytest.raises(DependencyUnavailable, match="no thread"):
                limited(lambda: None)
    clock.now += RETRY_SECONDS
    assert limited(lambda: True)


def test_those_that_wait_count_with_the_first_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests queued behind them are then refused at once instead of waiting, too."""
    clock = Clock()
    monkeypatch.setattr(deadline, "monotonic", clock)
    limited, together = (
        TimeLimited("database", PATIENCE, (AwayError,)),
        threading.Barrier(FAILURE_THRESHOLD),
    )
    release = threading.Event()

    def fail_first() -> None:
        together.wait()
        clock.now += PATIENCE / 2 + 1
        raise AwayError

    def wait() -> None:
        together.wait()
        release.wait()

    with ThreadPoolExecutor(FAILURE_THRESHOLD) as callers:
        others = [callers.submit(limited, wait) for _ in range(FAILURE_THRESHOLD - 1)]
        with pytest.raises(DependencyUnavailable, match="an error"):
            callers.submit(limited, fail_first).result()
        assert limited.breaker.opened
        release.set()
        for other in others:
            other.result()
    assert limited.breaker.opened  # what they waited for began before it opened


def test_a_timeout_of_the_calls_own_is_a_failure_of_the_part() -> None:
    """A socket's timeout, for example, is a failure of the part, not our deadline."""
    limited = TimeLimited("database", PATIENCE, (AwayError,))

    def out_of_time() -> None:
        raise TimeoutError("timed out")

    for _ in range(FAILURE_THRESHOLD):
        with pytest.raises(DependencyUnavailable, match="it answered with an error"):
            limited(out_of_time)
    assert limited.breaker.opened


def test_a_call_that_ends_at_its_deadline_is_late_or_answered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In both cases, the wait's own TimeoutError stays inside."""
    ended = threading.Event()

    def wait_too_long(futures: tuple[Future[str]], _: float) -> None:
        ended.set()
        futures[0].result(PATIENCE)

    monkeypatch.setattr(deadline, "wait", wait_too_long)

    def answer() -> str:
        ended.wait()
        return "answer"

    assert TimeLimited("database", 0, (AwayError,))(answer) == "answer"


def test_a_call_that_fails_beside_fresh_ones_counts_alone() -> None:
    limited, release = TimeLimited("database", 60, (AwayError,)), threading.Event()
    with ThreadPoolExecutor(FAILURE_THRESHOLD) as callers:
        others = [callers.submit(limited, release.wait) for _ in range(FAILURE_THRESHOLD)]
        with pytest.raises(DependencyUnavailable):
            limited(away)
        assert not limited.breaker.opened
        release.set()
        for other in others:
            other.result()


def test_a_fault_of_ours_is_not_the_parts() -> None:
    limited = TimeLimited("database", PATIENCE, (AwayError,))
    for _ in range(FAILURE_THRESHOLD):
        with pytest.raises(ZeroDivisionError):
            limited(lambda: 1 / 0)  # type: ignore[arg-type,return-value]
    assert not limited.breaker.opened
