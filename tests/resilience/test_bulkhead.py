"""A burst gets through a bulkhead; requests that would have to queue are refused at once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
from prometheus_client import REGISTRY

from app.customers.store.database import QUERYING
from app.customers.store.queries import READING
from app.handbook.web.alert_states import READERS
from app.resilience import bulkhead
from app.resilience.bulkhead import PATIENCE, Bulkhead
from app.resilience.unavailable import DependencyBusy
from app.serving.wsgi_threads import THREADS
from tests.resilience.set_clock import Clock
from tools.servers import wait_until

CLIENTS = 24


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(bulkhead, "monotonic", made)
    return made


def refused(part: str) -> float:
    return REGISTRY.get_sample_value("churn_refused_busy_total", {"part": part}) or 0.0


def is_refused(guarded: Bulkhead) -> bool:
    try:
        with guarded.place():
            return False
    except DependencyBusy:
        return True


def test_a_burst_waits_while_places_change_hands(clock: Clock) -> None:
    """The clock stands still, as if each took no time."""
    guarded, inside, most = Bulkhead("database", 4), [], []

    def use(_: int) -> None:
        with guarded.place():
            inside.append(1)
            most.append(len(inside))
            inside.pop()

    before = refused("database")
    with ThreadPoolExecutor(CLIENTS) as clients:
        list(clients.map(use, range(CLIENTS * 20)))
    assert max(most) <= 4
    assert refused("database") == before


def test_who_would_queue_behind_slow_ones_is_refused_at_once_and_counted(clock: Clock) -> None:
    """Those inside are as they were; a place that is left slowly is taken by who comes next."""
    guarded, before = Bulkhead("database", 4), refused("database")
    with ExitStack() as slow:
        for _ in range(3):
            slow.enter_context(guarded.place())
        with guarded.place():
            clock.now += PATIENCE
            assert [is_refused(guarded) for _ in range(CLIENTS)] == [True] * CLIENTS
        assert not is_refused(guarded)
    assert refused("database") == before + CLIENTS


def test_slow_ones_that_follow_each_other_buy_nobody_patience(clock: Clock) -> None:
    """Otherwise, after each of them the others would fill the threads for a while."""
    guarded = Bulkhead("database", 2)
    with guarded.place():
        for _ in range(5):
            with guarded.place():
                clock.now += PATIENCE
                assert is_refused(guarded)


def test_a_quick_one_beside_a_slow_one_buys_patience(clock: Clock) -> None:
    """The next waits for the quick one's place, and gets it."""
    guarded = Bulkhead("database", 2)
    entered, leave = threading.Event(), threading.Event()

    def quick() -> None:
        with guarded.place():
            entered.set()
            leave.wait()

    with guarded.place(), ThreadPoolExecutor(2) as others:
        clock.now += PATIENCE * 10
        with guarded.place():
            pass
        first = others.submit(quick)
        assert entered.wait(120)
        second = others.submit(is_refused, guarded)
        wait_until(lambda: len(guarded._left._waiters) == 1, "it waits")  # type: ignore[attr-defined]
        leave.set()
        first.result()
        assert second.result() is False


def test_a_place_is_left_whatever_happens_in_it() -> None:
    guarded = Bulkhead("database", 1)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), guarded.place():
            _ = 1 / 0
    assert not is_refused(guarded)


def test_the_places_of_all_parts_leave_a_thread_for_others() -> None:
    """And the places at the cache leave one for customers whom it has."""
    assert QUERYING < READING
    assert READING + READERS < THREADS
