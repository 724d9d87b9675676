"""Counts the ids that a file has more than once, in bounded memory.

A hash of each id, 64 bits, goes to an unnamed file; then the hashes are compared range by range.
Among ten million ids, two that differ have the same hash once in 370,000 files.
"""

from __future__ import annotations

import tempfile
from array import array
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from app.writing.unfinished_folders import named_by

RANGE = 1 << 22
"""Hashes that are compared at once, about."""

_SIZE, _BLOCK = 8, 1 << 17


class Hashes:
    """The hashes of the ids of one file.

    Args:
        file: where they are kept.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.count = 0

    def add(self, hashes: bytes) -> None:
        """Add hashes, each an unsigned number of 8 bytes.

        Raises:
            OSError: there is no room for them; names the folder of temporary files.
        """
        with named_by(Path(tempfile.gettempdir())):
            self._file.write(hashes)
        self.count += len(hashes) // _SIZE

    def add_ids(self, ids: Iterable[str]) -> None:
        """Add ids one by one, without numpy."""
        self.add(array("Q", [hash(each) & 0xFFFFFFFFFFFFFFFF for each in ids]).tobytes())

    def read(self, start: int, count: int) -> bytes:
        """Return some hashes, beginning with one that was added as number `start`."""
        self._file.seek(start * _SIZE)
        return self._file.read(count * _SIZE)

    def repeated(self) -> int:
        """Count the hashes that there are more than once, without numpy."""
        ranges, found = -(-self.count // RANGE), 0
        for number in range(ranges):
            seen: set[int] = set()
            again: set[int] = set()
            for start in range(0, self.count, _BLOCK):
                for each in array("Q", self.read(start, _BLOCK)):
                    if each % ranges == number:
                        (again if each in seen else seen).add(each)
            found += len(again)
        return found


@contextmanager
def hashes() -> Iterator[Hashes]:
    """Keep hashes until all ids were read.

    Raises:
        OSError: there is no room for them.
    """
    with named_by(Path(tempfile.gettempdir())), tempfile.TemporaryFile() as file:
        yield Hashes(file)
