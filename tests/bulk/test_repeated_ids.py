"""Ids that a file has more than once are counted exactly, in ranges of their hashes."""

from __future__ import annotations

import random
from collections import Counter

import numpy as np
import pyarrow as pa
import pytest

from app.bulk.parts import id_hashes as arrays
from app.bulk.parts import repeated_ids as plain
from app.bulk.parts.id_hashes import SortedHashes, id_hashes
from app.bulk.parts.repeated_ids import hashes


@pytest.mark.parametrize("at_once", [1, 7, 100, 1 << 22])
def test_both_ways_count_what_a_set_counts(monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    """However many are compared at once, and across runs."""
    monkeypatch.setattr(arrays, "RANGE", at_once)
    monkeypatch.setattr(plain, "RANGE", at_once)
    draw = random.Random(at_once)
    ids = ["x" * draw.randrange(3) + str(draw.randrange(300)) for _ in range(400)]
    expected = sum(times > 1 for times in Counter(ids).values())
    with hashes() as kept, hashes() as one_by_one:
        compared = SortedHashes(kept)
        for start in range(0, len(ids), 64):
            run = id_hashes(pa.array(["skipped", *ids[start : start + 64]])[1:])
            compared.add(np.sort(run))
            one_by_one.add_ids(ids[start : start + 64])
        assert compared.repeated() == one_by_one.repeated() == expected


def test_nothing_is_repeated_among_none() -> None:
    with hashes() as kept:
        assert SortedHashes(kept).repeated() == kept.repeated() == 0


def test_ids_that_differ_have_hashes_that_differ() -> None:
    """Of all lengths, and where only one byte differs."""
    ids = ["a" * n for n in range(1, 65)] + [f"{'a' * n}b" for n in range(64)]
    ids += [str(n) for n in range(5000)]
    assert len(np.unique(id_hashes(pa.array(ids)))) == len(set(ids))
