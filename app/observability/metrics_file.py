"""Files of metrics that no full disk can turn into a crash."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from prometheus_client.mmap_dict import MmapedDict

SIZE = 64 * 1024
"""Bytes of a new file; it doubles when it is full."""

ENTRY = 32
"""Bytes of an entry besides its key, at most."""

without_space: list[str] = []
"""Files for which there was no space since this was last emptied."""


class MetricsFile(MmapedDict):  # type: ignore[misc,unused-ignore]
    """A file of metrics that has all of its space.

    prometheus_client leaves holes, and to fill one on a full file system ends the process (SIGBUS).
    Where there is no space the values are kept in memory instead, and `/metrics` lacks them: no
    request fails.
    """

    def __init__(self, filename: str, read_mode: bool = False) -> None:
        descriptor = None
        if not Path(filename).exists() and not _made(filename):
            descriptor = _memory(filename)
            filename = f"/proc/self/fd/{descriptor}"
        super().__init__(filename, read_mode)  # type: ignore[no-untyped-call]
        if descriptor is not None:
            os.close(descriptor)  # the file was opened again

    def _init_value(self, key: str) -> None:
        if self._used + len(key) + ENTRY > self._capacity:
            try:
                os.posix_fallocate(self._f.fileno(), 0, 2 * self._capacity)
            except OSError:
                values = self._m[: self._used]
                self._f.close()
                self._f = os.fdopen(_memory(self._fname), "w+b")
                self._f.write(values)
                self._f.flush()
        super()._init_value(key)  # type: ignore[no-untyped-call]


def _made(filename: str) -> bool:
    """Make a file with its space; whether there was enough. A scrape never sees half of it."""
    beside = Path(f"{filename}.new")
    try:
        with beside.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, SIZE)
        beside.rename(filename)
    except OSError:
        with suppress(OSError):
            beside.unlink()
        return False
    return True


def _memory(filename: str) -> int:
    without_space.append(filename)
    return os.memfd_create("metrics")
