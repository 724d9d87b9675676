"""When a circuit opens, who tries, and when it closes."""

from __future__ import annotations

import pytest

from app.resilience import circuit_breaker
from app.resilience.circuit_breaker import FAILURE_THRESHOLD, RETRY_SECONDS, CircuitBreaker


class AwayError(Exception):
    """What a part raises."""


def begun(breaker: CircuitBreaker) -> int:
    """A call that the circuit lets through."""
    generation = breaker.begin()
    assert generation is not None
    return generation


def fail(breaker: CircuitBreaker, times: int) -> None:
    for _ in range(times):
        breaker.record_failure(begun(breaker), AwayError())


def test_of_many_callers_one_tries_a_part_that_was_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """The others are answered at once, rather than wait for a frozen server together."""
    now = 100.0
    monkeypatch.setattr(circuit_breaker, "monotonic", lambda: now)
    breaker = CircuitBreaker("part")
    fail(breaker, FAILURE_THRESHOLD)
    assert breaker.opened
    assert breaker.begin() is None
    now += RETRY_SECONDS
    tried = begun(breaker)
    assert [breaker.begin() for _ in range(4)] == [None] * 4
    now += RETRY_SECONDS  # the one that tried has not come back
    assert begun(breaker) == tried
    assert breaker.begin() is None
    breaker.record_success(tried)
    assert not breaker.opened
    assert all(breaker.begin() is not None for _ in range(2))


def test_a_success_between_failures_keeps_the_circuit_closed() -> None:
    breaker = CircuitBreaker("part")
    for _ in range(FAILURE_THRESHOLD * 2):
        fail(breaker, 1)
        breaker.record_success(begun(breaker))
    assert not breaker.opened


def test_an_answer_to_a_call_from_before_the_circuit_opened_does_not_close_it() -> None:
    """A late answer shows only that the part worked once; a new call shows whether it works now."""
    breaker = CircuitBreaker("part")
    early = begun(breaker)
    fail(breaker, FAILURE_THRESHOLD)
    breaker.record_success(early)
    assert breaker.opened
    assert breaker.begin() is None


def test_a_failure_from_before_the_circuit_closed_does_not_count_against_it() -> None:
    breaker = CircuitBreaker("part")
    early = [begun(breaker) for _ in range(FAILURE_THRESHOLD)]
    fail(breaker, FAILURE_THRESHOLD)
    breaker._next_try = 0
    tried, late = begun(breaker), breaker._generation
    breaker.record_success(tried)
    for generation in [*early, late, late, late]:
        breaker.record_failure(generation, AwayError(), waiting=FAILURE_THRESHOLD)
    assert not breaker.opened
    assert breaker.state["detail"] == "answered when it was asked last"


def test_its_state_is_what_the_last_call_found() -> None:
    breaker = CircuitBreaker("part")
    assert breaker.state == {"status": "ok", "detail": "not asked yet"}
    for _ in range(FAILURE_THRESHOLD - 1):
        fail(breaker, 1)
        assert breaker.state == {"status": "ok", "detail": "did not answer when it was asked last"}
    fail(breaker, 1)
    assert breaker.state["status"] == "failing"
    breaker._next_try = 0
    breaker.record_success(begun(breaker))
    assert breaker.state == {"status": "ok", "detail": "answered when it was asked last"}
