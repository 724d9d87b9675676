"""A call that takes too long is left behind, counted and logged."""

from __future__ import annotations

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from unittest.mock import patch

import pytest
from prometheus_client import REGISTRY

from app.resilience import circuit_breaker, deadline
from app.resilience.circuit_breaker import FAILURE_THRESHOLD, RETRY_SECONDS
from app.resilience.deadline import TimeLimited
from app.resilience.unavailable import DependencyBusy, DependencyUnavailable
from tests.apps import PATIENT, listening
from tests.resilience.set_clock import Clock
from tools.servers import PATIENCE_SECONDS, wait_until

PATIENCE = PATIENT.lookup


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


def test_a_call_that_hangs_is_left_behind_and_counts_no_longer_than_it_hangs(clock: Clock) -> None:
    release, limited = threading.Event(), TimeLimited("database", 0.05, (AwayError,), most=2)
    left_behind = []

    def hang() -> None:
        left_behind.append(threading.current_thread())
        release.wait()

    for _ in range(2):
        with pytest.raises(DependencyUnavailable, match="no answer within"):
            limited(hang)
    refused = REGISTRY.get_sample_value("churn_refused_busy_total", {"part": "database"})
    with pytest.raises(DependencyBusy, match="busy with 2 calls"):
        limited(lambda: None)
    assert refused is not None
    assert REGISTRY.get_sample_value("churn_refused_busy_total", {"part": "database"}) > refused
    release.set()
    limited.seconds = PATIENCE

    def answered() -> bool:
        try:
            return limited(lambda: threading.current_thread() in left_behind)
        except DependencyBusy:
            return False

    wait_until(answered, "a call that ended gives its thread to the next")
    assert not limited.breaker.opened


def test_to_be_busy_is_no_failure(clock: Clock) -> None:
    """However often it happens, the circuit stays closed."""
    release, limited = threading.Event(), TimeLimited("database", PATIENCE, (AwayError,), most=1)
    with ThreadPoolExecutor(1) as caller:
        entered = threading.Event()
        first = caller.submit(limited, lambda: entered.set() or release.wait())
        assert entered.wait(PATIENCE)
        for _ in range(FAILURE_THRESHOLD * 2):
            with pytest.raises(DependencyBusy):
                limited(lambda: None)
        release.set()
        assert first.result()
    assert limited.breaker.state["detail"] == "answered when it was asked last"


def test_calls_one_after_the_other_use_one_thread() -> None:
    limited = TimeLimited("database", PATIENCE, (AwayError,))
    assert len({limited(threading.get_ident) for _ in range(50)}) == 1


def test_a_call_that_hangs_does_not_keep_the_process_from_ending() -> None:
    script = """
import threading
from app.resilience.deadline import TimeLimited
from app.resilience.unavailable import DependencyUnavailable

try:
    TimeLimited("cache", 0.01, ())(threading.Event().wait)
except DependencyUnavailable as error:
    print(error)
"""
    ended = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (0, "cache: no answer within 0.01 s\n"), ended.stderr


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
        with pytest.raises(DependencyUnavailable, match="the call failed"):
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
        with pytest.raises(DependencyUnavailable, match="the call failed"):
            limited(out_of_time)
    assert limited.breaker.opened


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
