"""Hashes of ids, and their comparison, with numpy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from app.bulk.parts.repeated_ids import RANGE, Hashes

Hash = NDArray[np.uint64]

_WORD = 8
_BUCKETS = np.arange(256, dtype=np.uint64) << np.uint64(56)
"""The least hash of each bucket: those that are compared at once are some buckets."""

_ODD = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xFF51AFD7ED558CCD)
_HALF = np.uint64(32)


def id_hashes(ids: pa.StringArray) -> Hash:
    """Return a hash of each id; ids of up to 8 bytes never share one.

    Args:
        ids: without nulls.
    """
    offsets = np.frombuffer(ids.buffers()[1], np.int32)[ids.offset : ids.offset + len(ids) + 1]
    if len(ids) == 0:
        return np.empty(0, np.uint64)
    text = np.frombuffer(ids.buffers()[2], np.uint8)
    lengths = np.diff(offsets)
    first = int(lengths[0])
    if (lengths == first).all():
        whole = text[offsets[0] : offsets[-1]].reshape(len(ids), first)
        return _hashes(whole)
    found = np.empty(len(ids), np.uint64)
    for length in np.unique(lengths):
        rows = np.flatnonzero(lengths == length)
        found[rows] = _hashes(text[offsets[rows][:, None] + np.arange(length)])
    return found


class SortedHashes:
    """Compares hashes that come in sorted runs.

    Args:
        hashes: where they are kept.
    """

    def __init__(self, hashes: Hashes) -> None:
        self._hashes = hashes
        self._ends: list[NDArray[np.int64]] = []  # of each bucket, in each run

    def add(self, run: Hash) -> None:
        """Add hashes, sorted.

        Raises:
            OSError: there is no room for them.
        """
        self._ends.append(np.append(np.searchsorted(run, _BUCKETS), len(run)) + self._hashes.count)
        self._hashes.add(run.tobytes())

    def repeated(self) -> int:
        """Count the hashes that there are more than once."""
        if not self._ends:
            return 0
        ends = np.array(self._ends)
        found = first = 0
        while first < len(_BUCKETS):
            sizes = (ends[:, first + 1 :] - ends[:, [first]]).sum(axis=0)
            last = first + max(1, int(np.searchsorted(sizes, RANGE, "right")))
            found += _repeated([*zip(ends[:, first], ends[:, last], strict=True)], self._hashes)
            first = last
        return found


def _repeated(places: list[tuple[int, int]], hashes: Hashes) -> int:
    """Count the hashes that there are more than once between these places of each run."""
    parts = [np.frombuffer(hashes.read(start, end - start), np.uint64) for start, end in places]
    values = np.concatenate(parts)
    values.sort()
    same = values[1:] == values[:-1]
    return int(np.count_nonzero(same[1:] < same[:-1])) + int(same[-1:].sum())


def _hashes(texts: NDArray[np.uint8]) -> Hash:
    """Hash texts of one length, each a row of bytes."""
    rows, length = texts.shape
    words = -(-length // _WORD)
    padded = np.zeros((rows, words * _WORD), np.uint8)
    padded[:, :length] = texts
    columns: Any = padded.view(np.uint64)
    found = np.full(rows, length, np.uint64)
    for at in range(words):
        found ^= columns[:, at]
        found *= _ODD
        found ^= found >> _HALF
        found *= _MIX
        found ^= found >> _HALF
    return found
