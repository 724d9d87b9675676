"""Waits until nothing is wrong with the stack, and makes it so after a failed drill."""

from __future__ import annotations

import signal
import time

from drills.checkout import SOUND, deploy, git
from drills.faults.service_faults import restart, usual_workers
from drills.reader import DrillError
from drills.stack import Stack

PATIENCE = 90.0
"""Seconds to wait; the longest check clears 30 seconds after its cause."""


def wait_for_soundness(stack: Stack, patience: float = PATIENCE) -> None:
    """Wait until every check says no and no alert fires.

    Raises:
        DrillError: something is still found.
    """
    stack.keep_entries()
    deadline = time.monotonic() + patience
    while left := sorted(stack.watching.active()) or stack.findings():
        if time.monotonic() > deadline:
            raise DrillError("sound", f"before the fault: {'; '.join(left)}")
        time.sleep(0.2)  # the interval of a poll


def tidy(stack: Stack) -> None:
    """Take back what solutions have changed: version, number of workers, the cache's memory."""
    changed = git(stack.checkout, "describe", "--tags") != SOUND
    git(stack.checkout, "clean", "-qfd", "model", "runbooks")
    deploy(stack.checkout, SOUND)
    if changed or not stack.churn.tree():
        restart(stack)
    usual_workers(stack)
    stack.cache.config_set("maxmemory", 0)
    stack.cache.config_set("stop-writes-on-bgsave-error", "yes")
    stack.fill_cache()


def mend(stack: Stack) -> None:
    """Bring the stack back after a failed drill, by whatever means."""
    for unit in (stack.postgresql, stack.redis_server):
        unit.send(signal.SIGCONT)
        unit.start()
    tidy(stack)
    restart(stack)
