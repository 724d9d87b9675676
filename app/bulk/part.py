"""Scores one file, with arrays where they are installed."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import BinaryIO, TypeAlias

from app.bulk.job import Job
from app.bulk.plain_part import Step, Streams, Written, write_plain
from app.bulk.remote_files import is_url, remote_input
from app.bulk.repeated_ids import hashes
from app.bulk.result_files import is_stream, rejects_at, result_file
from app.bulk.sources import STREAM
from app.customers.files.file_format import FileError

Report: TypeAlias = Callable[[int, float | None], None]
"""Takes the number of rows that were done, and how much of the file is read, from 0 to 1."""


@dataclass(frozen=True)
class PartResult:
    """What came of a file.

    Attributes:
        read: number of rows.
        scored: of them.
        rejected: the others.
        rules: how often each rule was broken.
        how: says in one line how the file was read.
        repeated: number of ids that were scored more than once.
    """

    read: int
    scored: int
    rejected: int
    rules: dict[str, int] = field(default_factory=dict)
    how: str = ""
    repeated: int = 0


class LostRowError(AssertionError):
    """Rows were read that were neither scored nor rejected."""


def arrays_installed() -> bool:
    """Whether the extra `bulk` is there."""
    try:
        import app.bulk.array_part  # noqa: F401, PLC0415 - an extra, and slow to import
    except ModuleNotFoundError:
        return False
    return True


def score_part(
    job: Job,
    source: str,
    target: str,
    rejects: str,
    report: Report = lambda *_: None,
    *,
    threads: int = 0,
) -> PartResult:
    """Score a file; its result appears whole or not at all, and its bad rows.

    Args:
        job: how.
        source: path or URL of the file; - for standard input.
        target: path or URL of the result; - for standard output.
        rejects: path or URL for the bad rows.
        report: is told of the progress.
        threads: that score; 0 for as many as there are cores.

    Raises:
        FileError: the file cannot be read.
        OSError: the result cannot be written.
    """
    with (
        _opened(source) as file,
        result_file(target) as output,
        rejects_at(rejects) as bad,
        hashes() as ids,
    ):
        streams = Streams(file, name_of(source), output, bad, ids, _step(file, report))
        done = _engine(job, target, threads)(job, streams)
        output.flush()  # before the rejects appear
    if done.read != done.scored + bad.count:
        raise LostRowError(f"{done.read} read, {done.scored} scored, {bad.count} rejected")
    return PartResult(done.read, done.scored, bad.count, dict(bad.rules), done.how, done.repeated)


def name_of(source: str) -> str:
    """Return the name of a file, for messages."""
    if source == STREAM:
        return "<stdin>"
    return source.partition("::")[0].rpartition("/")[2] if is_url(source) else Path(source).name


def _engine(job: Job, target: str, threads: int) -> Callable[[Job, Streams], Written]:
    if job.kind == "jsonl" or not arrays_installed():
        return write_plain
    from app.bulk.array_part import write_arrays  # noqa: PLC0415 - an extra

    return partial(write_arrays, threads=threads, apart=not is_stream(target))


@contextmanager
def _opened(source: str) -> Iterator[BinaryIO]:
    """Open a file to read.

    Raises:
        FileError: it cannot be opened.
    """
    if source == STREAM:
        yield sys.stdin.buffer
    elif is_url(source):
        with remote_input(source) as remote:
            yield remote
    else:
        with ExitStack() as opened:
            try:
                file = opened.enter_context(Path(source).open("rb"))
            except OSError as error:
                raise FileError(f"{source}: {error.strerror}") from None
            yield file


def _step(file: BinaryIO, report: Report) -> Step:
    """Return the function that reports rows, and how much of the file is read by then."""
    try:
        size = os.fstat(file.fileno()).st_size if file.seekable() else 0
    except OSError:  # behind a URL
        size = 0

    def step(rows: int, share: float | None) -> None:
        if share is None and size:
            share = os.lseek(file.fileno(), 0, os.SEEK_CUR) / size
        report(rows, share)

    return step
