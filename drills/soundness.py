"""Waits until nothing is wrong with the stack, and makes it so after a failed drill."""

from __future__ import annotations

import json
import signal
import time

from drills.checkout import SOUND, deploy, git
from drills.reader import DrillError
from drills.stack import Stack

PATIENCE = 120.0


def wait_for_soundness(stack: Stack) -> None:
    """Wait until every check says no and no alert fires.

    Raises:
        DrillError: something is still found.
    """
    stack.keep_entries()
    deadline = time.monotonic() + PATIENCE
    while left := findings(stack):
        if time.monotonic() > deadline:
            raise DrillError("sound", f"before the fault: {'; '.join(left)}")
        time.sleep(0.2)  # the interval of a poll


def findings(stack: Stack) -> list[str]:
    """Return the alerts that fire, or else what the checks find."""
    if alerts := sorted(stack.watching.active()):
        return alerts
    done = stack.shell("churn diagnose --json")
    return [f"{c['name']}: {c['measured']}" for c in json.loads(done.stdout) if not c["ok"]]


def mend(stack: Stack) -> None:
    """Bring the stack back after a failed drill, by whatever means."""
    git(stack.checkout, "clean", "-qfd", "model", "runbooks")
    deploy(stack.checkout, SOUND)
    for unit in (stack.postgresql, stack.redis_server):
        unit.send(signal.SIGCONT)
        unit.start()
    stack.succeeds("systemctl restart churn")
    stack.fill_cache()
