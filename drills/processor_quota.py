"""Limits when the processes of a unit run, from outside, as a quota of its control group does."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from drills.supervisor import Unit

STEP = 0.01
"""Seconds between two looks."""


@contextmanager
def processor_quota(unit: Unit, share: float, period: float) -> Iterator[None]:
    """Stop a unit's processes for the rest of each period in which they have used their share.

    Args:
        unit: whose processes.
        share: of one processor's time, for all of them together.
        period: in seconds.
    """
    over = threading.Event()

    def watch() -> None:
        while not over.is_set():
            ends, before = time.monotonic() + period, _used(unit)
            while time.monotonic() < ends and not over.is_set():
                if _used(unit) - before >= share * period:
                    unit.send(signal.SIGSTOP)
                    over.wait(max(0.0, ends - time.monotonic()))
                    unit.send(signal.SIGCONT)
                    break
                time.sleep(STEP)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@contextmanager
def pauses(unit: Unit, share: float, period: float) -> Iterator[None]:
    """Let a unit's processes run for a share of each period only, whatever they do.

    Args:
        unit: whose processes.
        share: of each period, from its start.
        period: in seconds.
    """
    over = threading.Event()

    def watch() -> None:
        while not over.wait(share * period):
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


def _used(unit: Unit) -> float:
    """Seconds of processor time that the processes there now have used."""
    total = 0
    for pid in unit.tree():
        try:
            total += int(Path(f"/proc/{pid}/schedstat").read_text().split()[0])
        except (OSError, IndexError):  # it has ended
            continue
    return total / 1e9
