"""What a local worker does at its start: it leaves Ctrl-C to the command, which ends it."""

from __future__ import annotations

import signal

from distributed import Worker


def dask_setup(_: Worker) -> None:
    """Ignore the interrupt that a terminal sends to all its processes; Dask calls this."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
