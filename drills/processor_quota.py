"""Lets the processes of a unit run for a part of the time, as a quota of processor time does."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from drills.priority import prefer
from drills.supervisor import PRIORITY, Unit


@contextmanager
def processor_quota(
    unit: Unit, share: float, period: float, used_up: Callable[[], bool] = lambda: True
) -> Iterator[None]:
    """Stop a unit's processes for the rest of each period in which the quota is used up.

    What uses it up is said, not measured: on a busy machine, a process that computes all the time
    gets too little of it.

    Args:
        unit: whose processes.
        share: of each period, from its start, in which they run.
        period: in seconds.
        used_up: whether something computes for longer than that.
    """
    over = threading.Event()

    def watch() -> None:
        while not over.wait(share * period):
            for pid in unit.tree():  # each is a session of its own
                prefer(pid, PRIORITY)
            if used_up():
                unit.send(signal.SIGSTOP)
                over.wait((1 - share) * period)
                unit.send(signal.SIGCONT)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
