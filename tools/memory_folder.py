"""A folder in memory, where the disk of a busy machine makes nobody wait."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MEMORY = Path("/dev/shm")  # noqa: S108 - where it is looked for


@contextmanager
def memory_folder() -> Iterator[Path]:
    """Make a temporary folder in memory, or on the disk where there is no memory to mount."""
    place = MEMORY if MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="churn-tests-", dir=place) as folder:
        yield Path(folder)
