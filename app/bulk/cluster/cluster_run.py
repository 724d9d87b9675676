"""Scores files on a Dask cluster, each by one of its workers."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TypeAlias

from distributed import Client, Future, KilledWorker

from app.bulk.cluster.cluster import connected, dashboard
from app.bulk.cluster.cluster_error import ClusterError
from app.bulk.cluster.folder_seal import Seal, sealed
from app.bulk.cluster.worker_part import score_here
from app.bulk.cluster.worker_versions import versions
from app.bulk.parts.job import Job
from app.bulk.parts.part import PartResult
from app.bulk.parts.part_names import Part
from app.bulk.parts.part_run import BytesReport, Ended
from app.bulk.storage.remote_files import is_url
from app.customers.files.file_format import FileError
from app.writing.unfinished_folders import sweep

LOOK_SECONDS = 5
"""How often a command that waits looks whether the cluster still has workers."""

PATIENCE_SECONDS = 300
"""For how long a cluster may be without workers: one that grows on demand starts them first."""

INSTALL = "install the same as here, with the extra bulk"

Say: TypeAlias = Callable[[str], None]
"""Shows a line to the person who waits."""


def run_on_cluster(
    job: Job, parts: Sequence[Part], report: BytesReport, *, folder: str, scheduler: str, say: Say
) -> Generator[Ended, None, None]:
    """Score files on a cluster; a file that can't be read is no reason to stop.

    The job is sent once. A part whose worker died is scored by another one.

    Args:
        job: how.
        parts: the files.
        report: told of each part that ended.
        folder: of the results.
        scheduler: its address; empty for processes of this machine.
        say: shows what the person should know.

    Raises:
        ClusterError: the cluster can't score.
        OSError: the folder cannot be written to.
    """
    if not parts:
        return
    with (
        _swept(parts),
        sealed(_absolute(folder)) as seal,
        connected(scheduler, len(parts)) as client,
    ):
        say(dashboard(client))
        _same_code(client)
        done = 0
        for part, came in _Run(client, scheduler, say).ended(job, parts, seal):
            done += part.source.size or 0
            yield part, came
            report(0 if isinstance(came, FileError) else came.read, done)


@contextmanager
def _swept(parts: Sequence[Part]) -> Iterator[None]:
    """Remove at the end what killed workers left."""
    try:
        yield
    finally:
        for folder in {Path(part.target).parent for part in parts if not is_url(part.target)}:
            sweep(folder)


def _same_code(client: Client) -> None:
    """Look whether the workers have our code: one without it would die of the first part.

    Raises:
        ClusterError: one hasn't.
    """
    module = score_here.__module__
    for worker, found in client.run(find_spec, module, on_error="return").items():
        if not isinstance(found, ModuleSpec):
            raise ClusterError(f"worker {worker} has no churn with {module}: {INSTALL}")


class _Run:
    """Some parts on a cluster.

    Args:
        client: of the cluster.
        scheduler: its address, as it was given.
        say: shows a line.
    """

    def __init__(self, client: Client, scheduler: str, say: Say) -> None:
        self._client = client
        self._place = f"the scheduler at {scheduler}" if scheduler else "the local cluster"
        self._say = say
        self._alone_since: float | None = None

    def ended(self, job: Job, parts: Sequence[Part], seal: Seal) -> Generator[Ended, None, None]:
        """Yield the parts and what came of them, as they end."""
        # As a task, so that a worker that comes later, or again, gets it from another one.
        sent = self._client.submit(_same, job, pure=False)
        score = partial(score_here, seal=seal, ours=versions())
        done: SimpleQueue[Future[PartResult]] = SimpleQueue()
        by_key = {}
        for part in parts:
            future = self._client.submit(score, sent, _everywhere(part), key=_key(part))
            by_key[future.key] = part
            future.add_done_callback(done.put)
        for _ in parts:
            future = self._next(done)
            part = by_key[future.key]
            try:
                yield part, self._result(future, part)
            except FileError as error:
                yield part, error

    def _next(self, done: SimpleQueue[Future[PartResult]]) -> Future[PartResult]:
        """Wait for a part that ended, as long as there are workers."""
        while True:
            try:
                return done.get(timeout=LOOK_SECONDS)
            except Empty:
                self._look()

    def _look(self) -> None:
        """Look whether the cluster has workers."""
        if self._client.scheduler_info()["workers"]:
            self._alone_since = None
            return
        now = time.monotonic()
        if self._alone_since is None:
            self._alone_since = now
            self._say(f"{self._place} has no worker: waiting for one")
        elif now - self._alone_since > PATIENCE_SECONDS:
            raise ClusterError(f"{self._place} had no worker for {PATIENCE_SECONDS} s")

    def _result(self, future: Future[PartResult], part: Part) -> PartResult:
        """Return what came of a part; a result that died with its worker is made again."""
        while True:
            try:
                return future.result(timeout=LOOK_SECONDS)
            except TimeoutError:
                self._look()
            except CancelledError:
                raise ClusterError(
                    f"{self._place} went away: run again, finished parts stay"
                ) from None
            except KilledWorker as error:
                tries = error.allowed_failures + 1
                raise ClusterError(
                    f"{part.source.address}: {tries} of {tries} workers that scored it died: out "
                    "of memory, or without churn? Their logs tell"
                ) from None
            except RuntimeError as error:
                if "deserialization of the task graph" not in str(error):
                    raise
                raise ClusterError(
                    f"{self._place} has no churn, or another version: {INSTALL}"
                ) from None


def _same(job: Job) -> Job:
    return job


def _key(part: Part) -> str:
    """Return a name of the task that people recognise on the dashboard."""
    return f"score {part.name} {secrets.token_hex(8)}"


def _everywhere(part: Part) -> Part:
    """Return a part with addresses that don't depend on where the command runs."""
    source = replace(part.source, address=_absolute(part.source.address))
    return replace(
        part, source=source, target=_absolute(part.target), rejects=_absolute(part.rejects)
    )


def _absolute(address: str) -> str:
    return address if is_url(address) else os.path.abspath(address)  # noqa: PTH100 - a text
