"""Scores the files of a folder, of a pattern or of a list into a folder."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import closing

import click

from app.bulk.parts.job import Job
from app.bulk.parts.part import name_of
from app.bulk.parts.part_names import REJECTS_FOLDER, Part
from app.bulk.parts.parts_folder import parts_folder
from app.bulk.storage.sources import STREAM, sources
from app.cli.engine_options import Run
from app.cli.score_totals import Totals, counts
from app.customers.files.file_format import FileError
from app.observability.progress import progress


def score_folder(
    job: Job, inputs: Sequence[str], output: str, kind: str, run: Run, *, afresh: bool
) -> Totals:
    """Score files, each into a part of its own, and print what came of each.

    Args:
        job: how.
        inputs: paths, patterns and URLs.
        output: path or URL of the folder.
        kind: of the results; empty for the input's own.
        run: what scores the files.
        afresh: forget what is finished.

    Raises:
        click.UsageError: the folder of results is a stream.
        FileError: there is nothing to score, or the folder holds other results.
        OSError: a result cannot be written.
    """
    if output == STREAM:
        raise click.UsageError("--output: several files need a folder")
    found = sources(inputs, output)
    total, read = Totals(f"{output.rstrip('/')}/{REJECTS_FOLDER}"), 0.0
    with parts_folder(output, job, found, kind, afresh=afresh) as folder:
        for result in folder.finished.values():
            total.add(result)
        if folder.finished:
            click.echo(f"{len(folder.finished)} of {len(found)} files are finished", err=True)
        bytes_left = sum(part.source.size or 0 for part in folder.left)

        def report(rows: int, position: float) -> None:
            nonlocal read
            read = position
            step(rows)

        what = f"scoring {len(folder.left)} files"
        with (
            progress(what, bytes_left, lambda: read) as step,
            closing(run(job, folder.left, report)) as ended,
        ):
            for part, came in ended:
                if isinstance(came, FileError):
                    total.failed += 1
                    click.echo(f"Error: {_placed(part, came)}", err=True)
                    continue
                folder.record(part, came)
                total.add(came)
                total.tell_of(part.name, came)
                step(f"{part.name}: {counts(came)}")
        if total.failed:
            total.tell(err=False)
            sys.exit(2)  # here, so that a folder without a result goes
    return total


def _placed(part: Part, error: FileError) -> str:
    """Name a file by its place in the folder, where others may have its name, in one line."""
    said, name = " ".join(str(error).split()), name_of(part.source.address)
    return said.replace(name, part.source.place, 1) if said.startswith(f"{name}:") else said
