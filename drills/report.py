"""Prints what drills observed: a line for each, and the table of faults by checks."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from drills.drill import Outcome


def line(outcome: Outcome) -> str:
    """Return the line about a drill."""
    place = f"{outcome.runbook}/{outcome.cause}"
    if not outcome.passed:
        return f"FAILED  {place}: {outcome.why}"
    again = "" if outcome.tries == 1 else f", at try {outcome.tries}"
    return (
        f"ok      {place}: detected {outcome.detect:.1f} s (scaled), diagnosed "
        f"{outcome.diagnose:.1f} s, recovered {outcome.recover:.1f} s; "
        f"{outcome.requests} requests, {outcome.lost} lost{again}"
    )


def tables(outcomes: Sequence[Outcome]) -> list[Table]:
    """Return for each runbook the table of its faults by its checks."""
    found = []
    for slug in dict.fromkeys(outcome.runbook for outcome in outcomes):
        drilled = [outcome for outcome in outcomes if outcome.runbook == slug]
        names = list(dict.fromkeys(name for outcome in drilled for name in outcome.verdicts))
        table = Table("fault", *names, title=slug, title_justify="left")
        for outcome in drilled:
            cells = ["yes" if outcome.verdicts.get(n) else "·" for n in names]
            table.add_row(outcome.fault.words, *cells)
        found.append(table)
    return found


def show(console: Console, outcomes: Sequence[Outcome]) -> None:
    """Print the tables, and how many passed."""
    for table in tables(outcomes):
        console.print(table)
    passed = sum(outcome.passed for outcome in outcomes)
    again = sum(outcome.tries > 1 for outcome in outcomes)
    console.print(f"{passed} of {len(outcomes)} drills passed, {again} of them at the second try")
