"""Connects to a Dask cluster: the workers of a scheduler, or processes of this machine."""

from __future__ import annotations

import asyncio
import logging
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

from distributed import Client, LocalCluster, Security, rpc
from distributed.versions import VersionMismatchWarning

from app.bulk.cluster_error import ClusterError

ANSWER_SECONDS = 10
"""Time in which a scheduler answers."""


@contextmanager
def connected(scheduler: str, most: int) -> Iterator[Client]:
    """Connect to a scheduler, or start one with workers, which end with this process.

    Args:
        scheduler: its address; empty for processes of this machine.
        most: number of workers that would have something to do.

    Raises:
        ClusterError: no scheduler answers.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", VersionMismatchWarning)  # each worker looks itself
        if scheduler:
            _ask(scheduler)
            with Client(scheduler, timeout=ANSWER_SECONDS, set_as_default=False) as client:
                yield client
        else:
            with _processes(most) as local, Client(local, set_as_default=False) as client:
                yield client


def dashboard(client: Client) -> str:
    """Say where the cluster can be watched."""
    try:
        link = client.dashboard_link
    except KeyError:
        return "the scheduler has no dashboard"
    if client.run_on_scheduler(find_spec, "bokeh") is None:
        link = link.removesuffix("/status") + "/info/main/workers.html"
        return f"dashboard: {link} (plots need the package bokeh where the scheduler runs)"
    return f"dashboard: {link}"


def _ask(scheduler: str) -> None:
    """Ask a scheduler who it is: a client that finds none would leave threads and a traceback.

    Raises:
        ClusterError: nobody answers, or something else than a scheduler.
    """
    try:
        asyncio.run(_identity(scheduler))
    except ValueError as error:
        raise ClusterError(f"--scheduler: {scheduler}: {error}") from None
    except (OSError, TypeError):  # a timeout is an OSError; a file of certificates is missing
        raise ClusterError(f"--scheduler: no Dask scheduler answers at {scheduler}") from None


async def _identity(scheduler: str) -> None:
    security = Security().get_connection_args("client")
    async with asyncio.timeout(ANSWER_SECONDS), rpc(scheduler, connection_args=security) as found:
        await found.identity(n_workers=0)


def _processes(most: int) -> LocalCluster:
    """Start a process for each core."""
    return LocalCluster(
        n_workers=max(1, min(most, len(os.sched_getaffinity(0)))),
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
        memory_limit=0,  # a part needs little, whatever its size
        preload=["app.bulk.worker_signals"],
        silence_logs=logging.CRITICAL,
    )
