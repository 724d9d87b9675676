"""Scores the rows of a file one by one, without numpy."""

from __future__ import annotations

import io
from collections.abc import Callable
from itertools import islice
from typing import Any, BinaryIO, NamedTuple, TextIO, TypeAlias

from app.bulk.parts.job import Job
from app.bulk.parts.repeated_ids import Hashes
from app.customers.files.customer_reader import read
from app.customers.files.file_format import BULK, FileError
from app.customers.files.rejected_rows import Rejects
from app.customers.files.scored_file import Write, csv_writer
from app.http.json_encoding import dumps

STEP = 1000
"""Rows that are scored between two reports."""


class Written(NamedTuple):
    """Rows read, rows scored, ids that were scored more than once, and how the file was read."""

    read: int
    scored: int
    repeated: int
    how: str


Step: TypeAlias = Callable[[int, float | None], None]


class Streams(NamedTuple):
    """What a file is scored from and to.

    Attributes:
        file: its bytes.
        name: of the file, for messages.
        output: takes the scores.
        rejects: takes the bad rows.
        ids: takes hashes of the ids.
        step: is told numbers of rows that were done, and the share of all rows, if it is known.
    """

    file: BinaryIO
    name: str
    output: BinaryIO
    rejects: Rejects
    ids: Hashes
    step: Step


def write_plain(job: Job, streams: Streams) -> Written:
    """Score a file.

    Raises:
        FileError: the file cannot be read, or pyarrow is needed and not installed.
        OSError: what was found cannot be written.
    """
    if job.kind == "parquet":
        raise FileError(f"{streams.name}: a result as Parquet needs pyarrow: {BULK}, or choose CSV")
    scorer = job.scorer
    customers = read(streams.file, streams.name, job.rules)
    text = io.TextIOWrapper(streams.output, encoding="utf-8", newline="")
    try:
        write = _json_lines(text, job.keep) if job.kind == "jsonl" else _csv(text, job)
        seen = scored = 0
        while rows := list(islice(customers.rows, STEP)):
            good = [row for row in rows if row.features is not None]
            answers = scorer.score_many(
                [row.features or {} for row in good], job.policy, job.reasons
            )
            for row, answer in zip(good, answers, strict=True):
                write(row.id, answer, row.kept)
            streams.ids.add_ids(row.id for row in good)
            for row in rows:
                if row.features is None:
                    streams.rejects.write(row)
            seen, scored = seen + len(rows), scored + len(good)
            streams.step(len(rows), None)
        text.flush()
    finally:
        text.detach()  # it isn't ours to close
    return Written(seen, scored, streams.ids.repeated(), customers.how())


def _csv(file: TextIO, job: Job) -> Write:
    return csv_writer(file, job.reasons, job.keep)


def _json_lines(file: TextIO, keep: tuple[str, ...]) -> Write:
    def write(customer: str, found: dict[str, Any], kept: tuple[Any, ...]) -> None:
        others = {"kept": dict(zip(keep, kept, strict=True))} if keep else {}
        file.write(dumps({"id": customer, **found, **others}).decode() + "\n")

    return write
