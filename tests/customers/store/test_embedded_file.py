"""The embedded database as a file: its owner's alone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.customers.sample_customers import prepare
from app.releases.registry import ReleaseRegistry
from tests.stores import opened


@pytest.fixture(autouse=True)
def open_umask() -> Iterator[None]:
    """A umask with which everybody may read new files."""
    before = os.umask(0)
    yield
    os.umask(before)


def mode(path: Path) -> str:
    return oct(path.stat().st_mode & 0o777)


def test_a_new_database_is_its_owners_alone(tmp_path: Path, known: ReleaseRegistry) -> None:
    """With its folder, and the files that SQLite writes beside it."""
    file = tmp_path / "instance" / "churn.sqlite3"
    prepare(file, known)
    with opened(f"sqlite:///{file}") as store:
        store.ping()
        assert {path.name: mode(path) for path in file.parent.iterdir()} == {
            "churn.sqlite3": "0o600",
            "churn.sqlite3-wal": "0o600",
            "churn.sqlite3-shm": "0o600",
        }
    assert mode(file.parent) == "0o700"


def test_a_folder_that_was_there_keeps_its_mode(tmp_path: Path, known: ReleaseRegistry) -> None:
    tmp_path.chmod(0o755)
    prepare(tmp_path / "churn.sqlite3", known)
    assert mode(tmp_path) == "0o755"
