"""Works on pieces in threads, and hands on the results in their order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
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
    waiting: deque[Future[Any]] = deque()
    with ThreadPoolExecutor(workers) as making, ThreadPoolExecutor(1) as taking:

        def submit(piece: Piece) -> Future[Any]:
            made = making.submit(make, piece)
            return taking.submit(lambda: take(made.result())) if apart else made

        def end_first() -> None:
            found = waiting.popleft().result()
            if not apart:
                take(found)

        try:
            for piece in pieces:
                waiting.append(submit(piece))
                if len(waiting) > workers + 2:
                    end_first()
            while waiting:
                end_first()
        except BaseException:
            making.shutdown(wait=False, cancel_futures=True)
            taking.shutdown(wait=False, cancel_futures=True)
            raise
