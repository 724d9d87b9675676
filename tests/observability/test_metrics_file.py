"""Files of metrics have all of their space, or the values are kept in memory."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client.mmap_dict import MmapedDict

from app.observability import metrics_file
from app.observability.metrics_file import SIZE, MetricsFile

KEYS = [f"key {number} {'x' * (number % 9)}" for number in range(5000)]
"""More than a new file holds, with every padding."""


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    yield
    metrics_file.without_space.clear()


def fill(opened: MetricsFile, keys: list[str]) -> None:
    for number, key in enumerate(keys):
        opened.write_value(key, float(number), 0.0)


def values(opened: MetricsFile) -> dict[str, float]:
    return {key: value for key, value, _ in opened.read_all_values()}


def read(file: Path) -> dict[str, float]:
    found = MmapedDict.read_all_values_from_file(str(file))
    return {key.strip(): value for key, value, _, _ in found}


def expected(keys: list[str]) -> dict[str, float]:
    return {key.strip(): float(number) for number, key in enumerate(keys)}


def stripped(found: dict[str, float]) -> dict[str, float]:
    return {key.strip(): value for key, value in found.items()}


def allocated(file: Path) -> bool:
    """Whether every byte has its place."""
    found = file.stat()
    return found.st_blocks * 512 >= found.st_size >= SIZE


def test_a_file_has_no_hole_and_is_read_by_the_library(tmp_path: Path) -> None:
    file = tmp_path / "counter_0.db"
    opened = MetricsFile(str(file))
    assert allocated(file)
    assert read(file) == {}
    fill(opened, KEYS)
    assert file.stat().st_size > SIZE
    assert allocated(file)
    opened.close()
    again = MetricsFile(str(file))
    assert read(file) == stripped(values(again)) == expected(KEYS)
    again.close()
    assert list(tmp_path.iterdir()) == [file]
    assert metrics_file.without_space == []


def test_without_space_values_are_kept_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new file, or the growth of one; nothing is left behind that a scrape would read."""

    reserve = os.posix_fallocate

    def full(descriptor: int, offset: int, size: int) -> None:
        if "memfd:" not in str(Path(f"/proc/self/fd/{descriptor}").readlink()):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        reserve(descriptor, offset, size)

    file, new = tmp_path / "counter_0.db", tmp_path / "counter_1.db"
    opened = MetricsFile(str(file))
    fill(opened, KEYS[:10])
    monkeypatch.setattr(os, "posix_fallocate", full)
    fill(opened, KEYS)
    assert stripped(values(opened)) == expected(KEYS)
    shown = read(file)
    assert 10 < len(shown) < len(KEYS)
    assert shown.items() <= expected(KEYS).items()
    other = MetricsFile(str(new))
    fill(other, KEYS)
    assert stripped(values(other)) == expected(KEYS)
    assert metrics_file.without_space == [str(file), str(new)]
    assert list(tmp_path.iterdir()) == [file]
    opened.close()
    other.close()
