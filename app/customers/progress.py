"""How far a command is: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

LINE = 100_000
"""Rows between two plain lines."""


@contextmanager
def progress(what: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """Show progress on standard error; the function given is told of rows as they are done.

    Args:
        what: is being done.
        total: rows, or None where that is not known.
    """
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _lines(what)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,.0f} rows"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as bar:
        task = bar.add_task(what, total=total)
        yield lambda rows: bar.advance(task, rows)


def _lines(what: str) -> Callable[[int], None]:
    done = 0

    def step(rows: int) -> None:
        nonlocal done
        before, done = done, done + rows
        if before // LINE != done // LINE:
            click.echo(f"{what}: {done}", err=True)

    return step


def lines_of(file: BinaryIO) -> int | None:
    """Lines from here on of a file that can be read twice, None of a pipe."""
    if not file.seekable():
        return None
    start = file.tell()
    lines = sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))
    file.seek(start)
    return lines
