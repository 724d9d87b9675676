"""Which core the server computes on, and which the load."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

SERVER_CORE, LOAD_CORE = min(os.sched_getaffinity(0)), max(os.sched_getaffinity(0))
"""The same, where there is but one."""


@contextmanager
def on_core(core: int) -> Iterator[None]:
    """Keep this thread, and what it starts in the block, on a core."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
