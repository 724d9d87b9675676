"""Pieces are worked on in threads, a few at a time, and taken in their order."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from app.bulk.parts.in_order import work_in_order

APART = pytest.mark.parametrize("apart", [False, True])


@APART
def test_results_come_in_order_and_few_are_waiting(apart: bool) -> None:
    taken: list[int] = []
    first, second = threading.Event(), threading.Event()

    def pieces() -> Iterator[int]:
        for number in range(100):
            assert number - len(taken) <= 2 + 2 + 1
            yield number

    def make(number: int) -> int:
        if number == 0:
            assert second.wait(60)  # the first is the last to be ready
        if number == 1:
            second.set()
        first.set()
        return number

    work_in_order(pieces(), make, taken.append, 2, apart=apart)
    assert taken == list(range(100))


@APART
@pytest.mark.parametrize("where", ["pieces", "make", "take"])
def test_whatever_fails_ends_all(where: str, apart: bool) -> None:
    taken: list[int] = []

    def fail(place: str, number: int) -> int:
        if place == where and number == 7:
            raise KeyboardInterrupt
        return number

    def take(number: int) -> None:
        taken.append(fail("take", number))

    with pytest.raises(KeyboardInterrupt):
        work_in_order(
            (fail("pieces", number) for number in range(50)),
            lambda number: fail("make", number),
            take,
            2,
            apart=apart,
        )
    assert taken == list(range(len(taken)))
    assert len(taken) <= 7
