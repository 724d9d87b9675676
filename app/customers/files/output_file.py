"""Opens a file for what a command writes, or a stream."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import TextIO

from app.writing.atomic_files import atomic_write


def is_stream(path: Path) -> bool:
    """Whether the path is a device or a pipe."""
    return path.is_relative_to("/dev") or (path.exists() and not path.is_file())


def output_file(path: Path) -> AbstractContextManager[TextIO]:
    """Open a file that appears at the end, or a stream to append to.

    Raises:
        OSError: it cannot be written.
    """
    if is_stream(path):
        return path.open("a", newline="", encoding="utf-8")
    return atomic_write(path)
