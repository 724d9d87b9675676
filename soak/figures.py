"""Figures of a part of the soak, and which of them are faults."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from tools.load_clients import Load


@dataclass(frozen=True)
class Figure:
    """A line of a table: what was measured, the value, and whether it is a fault."""

    what: str
    found: str
    broken: bool = False


def failures(what: str, number: int) -> Figure:
    """A count that must be 0."""
    return Figure(what, str(number), broken=number > 0)


def failed_requests(
    what: str, sent: Load, but: Counter[tuple[str, int | str]] | None = None
) -> Figure:
    """How many, but for some, were not answered with 200, and what came of them instead."""
    outcomes: Counter[str] = Counter()
    for (path, outcome), number in (sent.seen - (but or Counter())).items():
        if outcome != 200:
            outcomes[f"{path} {outcome}"] += number
    told = "".join(f"; {number} of {outcome}" for outcome, number in outcomes.items())
    return Figure(what + told, str(outcomes.total()), broken=outcomes.total() > 0)


def milliseconds(name: str, seconds: Sequence[float]) -> list[Figure]:
    """Format median, tail and slowest of many times."""
    if not seconds:
        return [Figure(name, "none")]
    ordered = sorted(seconds)
    shares = (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))
    found = [(label, ordered[int(share * (len(ordered) - 1))]) for label, share in shares]
    return [
        Figure(f"{name}, {label}, ms", f"{value * 1000:,.1f}")
        for label, value in (*found, ("slowest", ordered[-1]))
    ]


def show(console: Console, title: str, figures: Sequence[Figure]) -> None:
    """Print the table of a part."""
    table = Table(title=title, title_justify="left")
    for heading, side in (("", "left"), ("found", "right"), ("", "left")):
        table.add_column(heading, justify=side)  # type: ignore[arg-type]
    for figure in figures:
        table.add_row(figure.what, figure.found, "BROKEN" if figure.broken else "")
    console.print(table)
