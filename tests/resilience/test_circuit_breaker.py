"""When a circuit opens, who tries, and when it closes."""

from __future__ import annotations

import pytest

from app.resilience import circuit_breaker
from app.resilience.circuit_breaker import FAILURE_THRESHOLD, RETRY_SECONDS, CircuitBreaker


class AwayError(Exception):
    """What a part raises."""


def test_of_many_callers_one_tries_a_part_that_was_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """The others are answered at once, rather than wait for a frozen server together."""
    now = 100.0
    monkeypatch.setattr(circuit_breaker, "monotonic", lambda: now)
    breaker = CircuitBreaker("part")
    for _ in range(FAILURE_THRESHOLD):
        assert breaker.allows_call()
        breaker.record_failure(AwayError())
    assert breaker.opened
    assert not breaker.allows_call()
    now += RETRY_SECONDS
    assert [breaker.allows_call() for _ in range(5)] == [True, False, False, False, False]
    now += RETRY_SECONDS  # the one that tried has not come back
    assert [breaker.allows_call() for _ in range(2)] == [True, False]
    breaker.record_success()
    assert [breaker.allows_call() for _ in range(2)] == [True, True]


def test_a_success_between_failures_keeps_the_circuit_closed() -> None:
    breaker = CircuitBreaker("part")
    for _ in range(FAILURE_THRESHOLD * 2):
        breaker.record_failure(AwayError())
        breaker.record_success()
    assert not breaker.opened


def test_its_state_is_what_the_last_call_found() -> None:
    breaker = CircuitBreaker("part")
    assert breaker.state == {"status": "ok", "detail": "not asked yet"}
    for _ in range(FAILURE_THRESHOLD - 1):
        breaker.record_failure(AwayError())
        assert breaker.state == {"status": "ok", "detail": "did not answer when it was asked last"}
    breaker.record_failure(AwayError())
    assert breaker.state["status"] == "failing"
    breaker.record_success()
    assert breaker.state == {"status": "ok", "detail": "answered when it was asked last"}
