"""Works on pieces in threads, and hands on the results in their order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from typing import Any, TypeVar

Piece = TypeVar("Piece")
Made = TypeVar("Made")


def work_in_order(
    pieces: Iterable[Piece],
    make: Callable[[Piece], Made],
    take: Callable[[Made], object],
    workers: int,
    *,
    apart: bool,
) -> None:
    """Make something of each piece, and take it.

    Pieces are read in this thread, so that it can be interrupted while it waits for them. Never are
    more of them in memory than a few for each worker.

    Args:
        pieces: to work on.
        make: may run in several threads at once.
        take: is called with one result after the other, in the order of the pieces.
        workers: number of threads that make.
        apart: whether another thread takes, while this one reads. Not for a stream: nobody could
            interrupt a writer that waits for its reader.
    """
    failed = Event()
    with ThreadPoolExecutor(workers) as making, ThreadPoolExecutor(1) as taking:

        def take_apart(made: Future[Made]) -> None:
            try:
                if not failed.is_set():
                    take(made.result())
            except BaseException:
                failed.set()  # none after it
                raise

        def submit(piece: Piece) -> Future[Any]:
            made = making.submit(make, piece)
            return taking.submit(take_apart, made) if apart else made

        try:
            for done in _few(map(submit, pieces), workers + 2):
                found = done.result()
                if not apart:
                    take(found)
        except BaseException:
            failed.set()
            making.shutdown(wait=False, cancel_futures=True)
            taking.shutdown(wait=False, cancel_futures=True)
            raise


def _few(begun: Iterable[Future[Any]], most: int) -> Iterator[Future[Any]]:
    """Yield in their order what was begun, when so many wait."""
    waiting: deque[Future[Any]] = deque()
    for each in begun:
        waiting.append(each)
        if len(waiting) > most:
            yield waiting.popleft()
    yield from waiting
