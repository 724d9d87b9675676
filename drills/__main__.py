"""`make drill`: breaks a real system once for each cause, and proves the runbooks.

It prints a line for each drill and a table of faults by checks, then the planted lies and, where
they are asked for, blind rounds. Its status is 1 where one failed.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from unittest import SkipTest

from rich.console import Console

from drills import blind_rounds, lies, report, results_file
from drills.drill import PATIENCE, Drill, Outcome
from drills.faults import FAULTS
from drills.priority import prefer
from drills.soundness import mend
from drills.stack import Stack, stack
from drills.watching import MINUTE
from tools.servers import ServerError

TRIES = 2
PRIORITY = -15
"""The niceness of everything but the units: proxy, alerts, load, a runbook's commands."""

PATIENCE_IN_FULL = 600.0
"""Seconds to wait where the alert rules have their real times."""

console = Console(width=150)


def main() -> int:
    """Run what the arguments choose; 1 where something failed."""
    given, chosen = _arguments()
    signal.signal(signal.SIGTERM, _end)
    prefer(os.getpid(), PRIORITY)
    path = results_file.BUILT if os.environ.get("CI") == "true" else results_file.COMMITTED
    passed = True
    try:
        with stack(60.0 if given.full else MINUTE) as running:
            if chosen:
                passed &= _drills(running, chosen, None if given.full else path)
            if given.lies:
                passed &= _lies(running)
            if given.blind:
                passed &= _blind(running, given.blind, given.seed, path)
    except (ServerError, SkipTest) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0 if passed else 1


def _end(*_: object) -> None:
    """Stop everything; a second signal must not interrupt that."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.exit(143)


def _arguments() -> tuple[argparse.Namespace, list[tuple[str, str]]]:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--only", default="", help="runbook or runbook/cause, or how it begins")
    options.add_argument("--full", action="store_true", help="one drill, in the alert's real time")
    options.add_argument("--blind", type=int, default=0, help="so many blind rounds")
    options.add_argument("--seed", type=int, default=1, help="of the blind rounds' draw")
    options.add_argument("--lies", action="store_true", help="the planted lies")
    options.add_argument("--all", action="store_true", help="the drills of all causes")
    given = options.parse_args()
    chosen = [key for key in FAULTS if "/".join(key).startswith(given.only)]
    if not chosen:
        options.error(f"no cause begins with {given.only}")
    if given.full:
        return given, chosen[:1]
    if not given.only and not given.all and (given.blind or given.lies):
        return given, []
    return given, chosen


def _drills(running: Stack, chosen: Sequence[tuple[str, str]], path: Path | None) -> bool:
    """Run the drill of each cause, once more if it fails; record and print what they observed."""
    outcomes: list[Outcome] = []
    for slug, cause in chosen:
        for tries in range(1, TRIES + 1):
            patience = PATIENCE if path else PATIENCE_IN_FULL
            outcome = Drill(running, slug, cause, FAULTS[slug, cause], patience).run()
            outcome.tries = tries
            _print(report.line(outcome))
            if outcome.passed:
                break
            mend(running)
        outcomes.append(outcome)
        if path:
            results_file.record(path, outcomes)
    report.show(console, outcomes)
    return all(outcome.passed for outcome in outcomes)


def _lies(running: Stack) -> bool:
    """Plant the lies, and print what each drill said."""
    caught = []
    for found in lies.tell(running):
        caught.append(found)
        _print(f"{'caught' if found.rightly else 'NOT CAUGHT'}  {found.lie.name}: {found.why}")
    _print(f"{sum(found.rightly for found in caught)} of {len(caught)} lies caught")
    return all(found.rightly for found in caught)


def _blind(running: Stack, rounds: int, seed: int, path: Path) -> bool:
    """Play blind rounds; record and print what the reader named."""
    played: list[blind_rounds.Round] = []
    wrong: list[dict[str, Any]] = []
    for found in blind_rounds.play(running, rounds, seed, wrong):
        played.append(found)
        drawn = " and ".join("/".join(key) for key in found.drawn) or "nothing"
        named = " and ".join(found.named) or "nothing"
        state = "right" if found.right else "WRONG"
        _print(f"{state}   drawn: {drawn}; alert: {found.alert or 'none'}; named: {named}")
        summary = blind_rounds.summary(played, seed, results_file.commit())
        results_file.record(path, [], {**summary, "wrong_solutions": wrong})
    for entry in wrong:
        _print(
            f"wrong solution in {entry['runbook']}: {entry['solution_of']} under {entry['cause']}: "
            f"{entry['outcome']}"
        )
    _print(
        f"{summary['detected']} of {summary['faults']} faults detected, {summary['right']} of "
        f"{len(played)} rounds right, {summary['wrong_alarms']} wrong alarms"
    )
    return (
        summary["detected"] == summary["faults"]
        and not summary["wrong_alarms"]
        and summary["right"] >= len(played) - rounds // 15
    )


def _print(line: str) -> None:
    console.print(line, soft_wrap=True, highlight=False)
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
