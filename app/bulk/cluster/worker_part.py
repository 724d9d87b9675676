"""Scores a part in a worker of a cluster, if the worker is fit for it."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from distributed import get_worker

from app.bulk.cluster.cluster_error import ClusterError
from app.bulk.cluster.folder_seal import Seal, is_seen
from app.bulk.cluster.worker_versions import Versions, difference, versions
from app.bulk.parts.job import Job
from app.bulk.parts.part import PartResult
from app.bulk.parts.part_names import Part
from app.bulk.parts.part_run import score_one
from app.bulk.storage.remote_files import is_url


def score_here(job: Job, part: Part, seal: Seal, ours: Versions) -> PartResult:
    """Score a part in this worker.

    Args:
        job: how.
        part: which.
        seal: in the folder of the results.
        ours: the versions of the command.

    Raises:
        ClusterError: this worker isn't fit, or a file can't be opened or written.
        FileError: the file to score cannot be read.
    """
    worker, source = get_worker().address, part.source.address
    if unfit := _unfit(seal, ours):
        raise ClusterError(f"worker {worker}: {unfit}")
    if not is_url(source) and not Path(source).exists():
        raise ClusterError(
            f"worker {worker} doesn't see {source}: give files that all machines see"
        )
    try:
        return score_one(job, part, threads=1)  # Dask runs as many parts as it has threads
    except OSError as error:
        place = error.filename or source
        raise ClusterError(f"worker {worker}: {place}: {error.strerror or error}") from None


@lru_cache(maxsize=4)
def _unfit(seal: Seal, ours: Versions) -> str:
    """Say why this worker must not score, or nothing; found out once a process."""
    if found := difference(versions(), ours):
        return f"{found}: install the same there"
    if not is_seen(seal):
        return f"{seal.folder} is not the same folder there: give one that all machines see"
    return ""
