"""Reads a server's log through a pipe with a name, and may be slow, stop or go away."""

from __future__ import annotations

import os
import select
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SLOW_BYTES = 2048
"""What a slow reader takes each tenth of a second."""


class LogReader:
    """The reader; `log_reader` makes one.

    Args:
        folder: for the pipe.
    """

    def __init__(self, folder: Path) -> None:
        self._pipe = folder / "log.pipe"
        os.mkfifo(self._pipe)
        self._state = "well"
        self._changed = threading.Event()
        self._descriptor: int | None = None
        self._thread = threading.Thread(target=self._read)

    @property
    def before(self) -> list[str]:
        """What to put before a command, so that this reads its standard error."""
        return ["sh", "-c", 'exec "$@" 2>"$0"', str(self._pipe)]

    def start(self) -> None:
        """Read."""
        self._descriptor = os.open(self._pipe, os.O_RDONLY | os.O_NONBLOCK)
        self._thread.start()

    def set(self, state: str) -> None:
        """Change the state: `well`, `slow`, `silent` (reads nothing), `gone`, or `ended`."""
        self._state = state
        self._changed.set()

    def stop(self) -> None:
        """End."""
        self.set("ended")
        self._thread.join()

    def _read(self) -> None:
        while self._state != "ended":
            self._changed.clear()
            if self._state == "gone":
                self._close()
            elif self._descriptor is None:
                self._descriptor = os.open(self._pipe, os.O_RDONLY | os.O_NONBLOCK)
            if self._state == "well" and self._descriptor is not None:
                select.select([self._descriptor], [], [], 0.05)
                self._take(self._descriptor, 65536)
            else:
                if self._state == "slow" and self._descriptor is not None:
                    self._take(self._descriptor, SLOW_BYTES)
                self._changed.wait(0.1)
        self._close()

    def _take(self, descriptor: int, most: int) -> None:
        try:
            os.read(descriptor, most)
        except BlockingIOError:
            return

    def _close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


@contextmanager
def log_reader(folder: Path) -> Iterator[LogReader]:
    """Run a reader.

    Args:
        folder: for its pipe.
    """
    reader = LogReader(folder)
    reader.start()
    try:
        yield reader
    finally:
        reader.stop()
