"""The tables of what was measured, and how documents write tables and numbers."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from datetime import date

from benchmarks import capacity_sizing as sizing
from benchmarks.capacity_cells import (
    WORKERS,
    Cell,
    Figures,
    first_saturated,
    saturated,
)


def run(figures: Figures) -> str:
    """Say when, where and how long it was measured."""
    day = date.fromisoformat(figures.date)
    foreign = sum(cell.foreign for cell in figures.cells) / len(figures.cells)
    return wrapped(
        f"Measured on {day:%-d %b %Y}: {figures.machine}; {figures.seconds} seconds of load for "
        "each line of a table, longer for batches over many connections; "
        f"{figures.customers:,} stored customers, {figures.asked:,} of them asked for in turn. "
        f"Other processes used {foreign:.2f} of a core meanwhile."
    )


def summary(figures: Figures) -> str:
    """Compare settings, endpoints and numbers of workers at the best rate within the limit."""
    heads = ("", "workers", "connections", "requests/s", "p99 ms", "CPU µs", "MB a worker")
    rows = []
    for setting, endpoint in figures.lines():
        for workers in WORKERS:
            cells = figures.of(setting, endpoint, workers)
            best = sizing.within_limit(cells)
            what, since = first_saturated(cells)
            first = f"{what}, from {since}" if what else "nothing"
            values = _values(best) if best else ["none"] + [""] * 4
            rows.append([f"`{endpoint}`, {setting}", str(workers), *values, first])
    return table((*heads, "used up first, from connections"), rows)


def _values(cell: Cell) -> list[str]:
    rate, p99 = rate_text(cell.rate), f"{cell.p99:.1f}"
    return [str(cell.connections), rate, p99, f"{cell.cpu:,.0f}", f"{cell.pss:.0f}"]


def cells(figures: Figures) -> str:
    """Show everything that was measured, a table for each setting and endpoint."""
    heads = ("workers", "connections", "requests/s", "p50 ms", "p99 ms", "CPU µs", "MB a worker")
    heads += ("failed", "server, cores", "load", "database", "cache", "used up")
    parts = []
    for setting, endpoint in figures.lines():
        lines = [cell for workers in WORKERS for cell in figures.of(setting, endpoint, workers)]
        rows = [
            [
                *(str(cell.workers), str(cell.connections), rate_text(cell.rate)),
                *(time_text(cell.p50), time_text(cell.p99), f"{cell.cpu:,.0f}", f"{cell.pss:.0f}"),
                *(f"{cell.failed:.1%}" if cell.failed else "0", f"{cell.server:.2f}"),
                *(f"{cell.load:.2f}", f"{cell.database:.2f}", f"{cell.cache:.2f}"),
                saturated(cell),
            ]
            for cell in lines
        ]
        hits = [cell.hits for cell in lines if cell.hits is not None]
        answered = (
            f" The cache answered {sum(hits) / len(hits):.0%} of the lookups." if hits else ""
        )
        parts.append(f"`{endpoint}`, {setting}.{answered}\n\n{table(heads, rows)}")
    return "\n\n".join(parts)


def table(heads: Sequence[str], rows: list[list[str]]) -> str:
    """Write a table; columns of numbers are aligned to the right."""

    def numeric(column: int) -> bool:
        values = [row[column] for row in rows if row[column] not in ("", "none")]
        return bool(values) and all(value[0].isdigit() for value in values)

    rule = ["---:" if numeric(column) else "---" for column in range(len(heads))]
    lines = [list(heads), rule, *rows]
    text = ["| " + " | ".join(line) + " |" for line in lines]
    text[1] = "|" + "|".join(rule) + "|"
    return "\n".join(line.replace("|  |", "| |").replace("|  |", "| |") for line in text)


def wrapped(text: str) -> str:
    """Break lines as the documents do."""
    return textwrap.fill(text, 119, break_on_hyphens=False)


def rate_text(value: float) -> str:
    """Write requests a second."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def time_text(value: float) -> str:
    """Write milliseconds."""
    return f"{value:.2f}" if value < 10 else f"{value:,.0f}"
