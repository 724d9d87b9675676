"""Scores the rows of a file with arrays, on all cores."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import NamedTuple

import pyarrow as pa

from app.bulk.checked_customers import CheckedCustomers
from app.bulk.id_hashes import Hash, SortedHashes, id_hashes
from app.bulk.in_order import work_in_order
from app.bulk.input_file import open_input
from app.bulk.job import Job
from app.bulk.plain_part import Streams, Written
from app.bulk.scored_table import ScoredTable
from app.bulk.table_files import table_file
from app.customers.files.file_row import FileRow
from model.columnar.coded_columns import nothing_known


class _Made(NamedTuple):
    """What became of a piece."""

    part: pa.Table | pa.Buffer
    rows: int
    scored: int
    rejects: tuple[FileRow, ...]
    hashes: Hash


def write_arrays(job: Job, streams: Streams, *, threads: int, apart: bool) -> Written:
    """Score a file, as `write_plain` does.

    Args:
        job: how.
        streams: from and to what.
        threads: that score; 0 for as many as there are cores.
        apart: whether another thread writes: not for streams.

    Raises:
        FileError: the file cannot be read.
        OSError: what was found cannot be written.
    """
    customers = open_input(streams.file, streams.name, job.rules, job.keep)
    scores = ScoredTable(job.scorecard, job.contract, job.policy, job.reasons)
    compared = SortedHashes(streams.ids)
    seen = scored = 0

    with table_file(job.kind, streams.output, job.keep) as result:
        result.begin(scores.of(_nobody(job)))

        def make(piece: Callable[[], CheckedCustomers]) -> _Made:
            checked = piece()
            table = scores.of(checked)
            hashes = id_hashes(checked.ids)
            hashes.sort()
            return _Made(result.made(table), checked.rows, len(table), checked.rejects, hashes)

        def take(made: _Made) -> None:
            nonlocal seen, scored
            result.take(made.part)
            compared.add(made.hashes)
            for row in made.rejects:
                streams.rejects.write(row)
            seen, scored = seen + made.rows, scored + made.scored
            streams.step(made.rows, seen / customers.rows if customers.rows else None)

        work_in_order(customers.pieces(), make, take, threads or workers(), apart=apart)
    return Written(seen, scored, compared.repeated(), customers.how())


def workers() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0))


def _nobody(job: Job) -> CheckedCustomers:
    """No customer: the header of a file without any is made of it."""
    return CheckedCustomers(
        pa.array([], pa.string()),
        {feature.name: nothing_known(feature, 0) for feature in job.contract.features},
        {name: pa.array([], pa.string()) for name in job.keep},
    )
