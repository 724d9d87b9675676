"""Connects to a Dask cluster: the workers of a scheduler, or processes of this machine."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from multiprocessing import resource_tracker

from distributed import Client, LocalCluster, Security, rpc
from distributed.versions import VersionMismatchWarning

from app.bulk.cluster.cluster_error import ClusterError

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
            with _local(most) as client:
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
        with ThreadPoolExecutor(1) as apart:  # this thread may have an event loop already
            apart.submit(lambda: asyncio.run(_identity(scheduler))).result()
    except ValueError as error:
        raise ClusterError(f"--scheduler: {scheduler}: {error}") from None
    except (OSError, TypeError):  # a timeout is an OSError; a file of certificates is missing
        raise ClusterError(f"--scheduler: no Dask scheduler answers at {scheduler}") from None


async def _identity(scheduler: str) -> None:
    security = Security().get_connection_args("client")
    async with asyncio.timeout(ANSWER_SECONDS), rpc(scheduler, connection_args=security) as found:
        await found.identity(n_workers=0)


@contextmanager
def _local(most: int) -> Iterator[Client]:
    """Start a scheduler, a process for each core, and a client; end them all."""
    with ExitStack() as opened:
        with _interrupt_held():
            local = LocalCluster(
                n_workers=max(1, min(most, len(os.sched_getaffinity(0)))),
                threads_per_worker=1,
                processes=True,
                host="127.0.0.1",
                dashboard_address="127.0.0.1:0",
                memory_limit=0,  # a part needs little, whatever its size
                silence_logs=logging.CRITICAL,
            )
            opened.callback(_close, local)
            client = opened.enter_context(Client(local, set_as_default=False))
        yield client


def _close(local: LocalCluster) -> None:
    with _interrupt_held():
        local.close()


@contextmanager
def _interrupt_held() -> Iterator[None]:
    """Let Ctrl-C wait, for this process and for good in those that are started meanwhile.

    Half a cluster can't be closed. And a terminal interrupts all its processes: the workers would
    write tracebacks, while this process ends them.
    """
    waiting: list[int] = []
    handler = signal.signal(signal.SIGINT, lambda number, _: waiting.append(number))
    resource_tracker.ensure_running()  # or its start would unblock the signal again
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        signal.signal(signal.SIGINT, handler)
    if waiting:
        raise KeyboardInterrupt
