"""Options of `churn score` that say who scores: this process, or a Dask cluster."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from functools import partial
from typing import TypeAlias

import click

from app.bulk.parts.job import Job
from app.bulk.parts.part_names import Part
from app.bulk.parts.part_run import BytesReport, Ended, run_here
from app.customers.files.file_format import BULK

Run: TypeAlias = Callable[[Job, Sequence[Part], BytesReport], Generator[Ended, None, None]]
"""Scores parts, in any order."""

engine_option = click.option(
    "--engine",
    type=click.Choice(("threads", "dask")),
    default="threads",
    help="Who scores the files of a folder: this process, or Dask's workers.",
)
scheduler_option = click.option(
    "--scheduler",
    default="",
    metavar="ADDRESS",
    show_default="processes of this machine",
    help="Dask scheduler whose workers score: tcp://HOST:8786.",
)


def run_by(engine: str, scheduler: str, output: str, *, many: bool) -> Run:
    """Return what scores the parts of a folder.

    Args:
        engine: threads or dask.
        scheduler: address of a cluster's; empty for processes of this machine.
        output: the folder of the results.
        many: whether there is such a folder.

    Raises:
        click.UsageError: the options contradict each other, or Dask isn't installed.
    """
    if engine != "dask":
        if scheduler:
            raise click.UsageError("--scheduler: give --engine dask, too")
        return run_here
    if not many:
        raise click.UsageError("--engine dask: scores files of a folder into a folder: give those")
    try:
        from app.bulk.cluster.cluster_run import run_on_cluster  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as error:
        raise click.UsageError(f"--engine dask: there is no {error.name}: {BULK}") from None
    return partial(run_on_cluster, folder=output, scheduler=scheduler, say=_say)


def _say(line: str) -> None:
    click.echo(line, err=True)
