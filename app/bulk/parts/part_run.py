"""Scores the files of a folder one after the other, each on all cores."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from typing import TypeAlias

from app.bulk.parts.job import Job
from app.bulk.parts.part import PartResult, Report, score_part
from app.bulk.parts.part_names import Part
from app.customers.files.file_format import FileError

Ended: TypeAlias = tuple[Part, PartResult | FileError]
"""A part, and what came of it, or why its file can't be read."""

BytesReport: TypeAlias = Callable[[int, float], None]
"""Takes the number of rows that were done, and the bytes of all files that are read by then."""


def score_one(
    job: Job, part: Part, report: Report = lambda *_: None, *, threads: int = 0
) -> PartResult:
    """Score the file of a part.

    Raises:
        FileError: it can't be read.
        OSError: the result cannot be written.
    """
    own = replace(job, kind=part.kind)
    return score_part(own, part.source.address, part.target, part.rejects, report, threads=threads)


def run_here(job: Job, parts: Sequence[Part], report: BytesReport) -> Generator[Ended, None, None]:
    """Score files in this process; a file that can't be read is no reason to stop.

    Raises:
        OSError: a result cannot be written.
    """
    before = 0
    for part in parts:
        size = part.source.size or 0

        def step(rows: int, share: float | None, done: int = before, size: int = size) -> None:
            report(rows, done + size * (share or 0))

        try:
            found = score_one(job, part, step)
        except FileError as error:
            yield part, error
        else:
            yield part, found
        before += size
        report(0, before)
