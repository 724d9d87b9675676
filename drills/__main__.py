"""`make drill`: breaks a real system once for each cause, and proves the runbooks.

It prints a line for each drill and a table of faults by checks. Its status is 1 where one failed.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from unittest import SkipTest

from rich.console import Console

from drills import report, results_file
from drills.drill import Drill, Outcome
from drills.faults import FAULTS
from drills.priority import prefer
from drills.soundness import mend
from drills.stack import Stack, stack
from drills.watching import MINUTE
from tools.servers import ServerError

TRIES = 2
PRIORITY = -10
"""The niceness of everything but the units: proxy, alerts, load, a runbook's commands."""


def drill(running: Stack, slug: str, cause: str) -> Outcome:
    """Run the drill of a cause, and once more if it fails."""
    for tries in range(1, TRIES + 1):
        outcome = Drill(running, slug, cause, FAULTS[slug, cause]).run()
        outcome.tries = tries
        if outcome.passed:
            break
        sys.stderr.write(f"{report.line(outcome)}\n")
        mend(running)
    return outcome


def main() -> int:
    """Run the drills."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("only", nargs="*", help="runbook/cause or runbook; else all")
    options.add_argument(
        "--full", action="store_true", help="one drill, with the alert's real time"
    )
    options.add_argument("--blind", type=int, default=0, help="so many blind rounds instead")
    options.add_argument("--seed", type=int, default=1, help="of the blind rounds' draw")
    options.add_argument("--lies", action="store_true", help="the planted lies instead")
    given = options.parse_args()
    chosen = [
        key
        for key in FAULTS
        if not given.only or any("/".join(key).startswith(only) for only in given.only)
    ]
    if not chosen:
        options.error(f"no cause {' '.join(given.only)}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # which stops everything
    prefer(os.getpid(), PRIORITY)
    console = Console(width=150)
    path = results_file.BUILT if os.environ.get("CI") == "true" else results_file.COMMITTED
    outcomes = []
    try:
        with stack(60.0 if given.full else MINUTE) as running:
            for slug, cause in chosen:
                outcomes.append(drill(running, slug, cause))
                console.print(report.line(outcomes[-1]), soft_wrap=True)
    except (ServerError, SkipTest) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    report.show(console, outcomes)
    results_file.record(path, outcomes)
    return 0 if all(outcome.passed for outcome in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
