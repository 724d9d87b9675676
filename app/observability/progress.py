"""Shows how far a command is: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO, TypeAlias

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

Report: TypeAlias = Callable[[int | str], None]
"""Takes the number of rows that were done, or the name of the step that begins."""

LINE = 100_000
"""Rows between two plain lines; ten times as many after a million, and so on."""


@contextmanager
def progress(
    what: str, total: float | None = None, position: Callable[[], float] | None = None
) -> Iterator[Report]:
    """Show progress on standard error, as the command reports it: rows, their rate, time left.

    Args:
        what: is being done.
        total: number of rows, or None if it is unknown.
        position: tells how much of the total is done, if the total isn't a number of rows.
    """
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _lines(what)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[rows]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(elapsed_when_finished=True),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(what, total=total, rows="")
        done = 0

        def report(step: int | str) -> None:
            nonlocal done
            if isinstance(step, str):
                bar.update(task, description=step)
            else:
                done += step
                rate = done / (bar.tasks[task].elapsed or 1)
                bar.update(
                    task,
                    completed=position() if position else done,
                    rows=f"{done:,} rows, {rate:,.0f} a second",
                )

        yield report


def _lines(what: str) -> Report:
    done = 0

    def report(step: int | str) -> None:
        nonlocal done
        if isinstance(step, str):
            click.echo(step, err=True)
            return
        before, done = done, done + step
        apart = max(LINE, 10 ** (len(str(done)) - 1))
        if before // apart != done // apart:
            click.echo(f"{what}: {done}", err=True)

    return report


def lines_of(file: BinaryIO) -> int | None:
    """Count the lines from here to the end of a file.

    Returns:
        None for a pipe, which is read once, and for files in which a line is no customer: gzip,
        Parquet, a JSON array, and lines that end with CR only.
    """
    if not file.seekable():
        return None
    start = file.tell()
    if file.read(4).startswith((b"\x1f\x8b", b"[", b"PAR1")):
        lines = 0
    else:
        file.seek(start)
        lines = sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))
    file.seek(start)
    return lines or None
