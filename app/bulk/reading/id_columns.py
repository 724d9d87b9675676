"""Checks the ids of many customers at once."""

from __future__ import annotations

import string

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

LONGEST = 64

BLANKS = "".join(map(chr, (*range(9, 14), *range(28, 33), 0x85, 0xA0, 0x1680))) + (
    "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"
)
"""What `str.strip` takes off."""


def _bytes_that_are(characters: str) -> NDArray[np.bool_]:
    allowed = np.zeros(256, np.bool_)
    allowed[list(characters.encode())] = True
    return allowed


_FIRST = _bytes_that_are(string.ascii_letters + string.digits)
_ANY = _bytes_that_are(string.ascii_letters + string.digits + "._:@-")


def stripped(texts: pa.StringArray) -> pa.StringArray:
    """Take blanks off both ends, as the one reader of files does."""
    return pc.utf8_trim(texts, characters=BLANKS)


def checked_ids(ids: pa.StringArray) -> tuple[pa.StringArray, NDArray[np.bool_] | None]:
    """Return ids without blanks at their ends, and which aren't ids; None if all are.

    Args:
        ids: without nulls.
    """
    bad = _not_ids(ids)
    if bad is None:
        return ids, None
    ids = stripped(ids)
    return ids, _not_ids(ids)


def _not_ids(ids: pa.StringArray) -> NDArray[np.bool_] | None:
    """Say which texts aren't ids: by their bytes, of which none is part of a character."""
    if not len(ids):
        return None
    offsets = np.frombuffer(ids.buffers()[1], np.int32)[ids.offset : ids.offset + len(ids) + 1]
    start, end = int(offsets[0]), int(offsets[-1])
    data = np.frombuffer(ids.buffers()[2] or b"", np.uint8)[start:end]
    lengths = np.diff(offsets)
    bad = (lengths < 1) | (lengths > LONGEST)
    wrong = np.flatnonzero(~_ANY[data])
    bad[np.searchsorted(offsets, wrong + start, "right") - 1] = True
    filled = np.flatnonzero(lengths)
    bad[filled] |= ~_FIRST[data[offsets[filled] - start]]
    return bad if bad.any() else None
