"""Several processes make or upgrade the same SQLite file at once; none fails."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from app.customers.store import schema_upgrade
from app.customers.store.database import Database
from app.customers.store.embedded_file import HEAD
from app.customers.store.schema_upgrade import upgrade
from tools.memory_folder import memory_folder
from tools.servers import ROOT

PROCESSES, ROUNDS = 5, 6

PROGRAM = """
import os, sys, traceback
from pathlib import Path
from app.config import Settings
from app.customers.sample_customers import prepare
from app.customers.store.database import Database
from app.customers.store.schema_upgrade import upgrade
from app.releases.registry import ReleaseRegistry

releases = ReleaseRegistry(Settings().model_dir)
start = {
    "upgrade": lambda file: upgrade(Database(f"sqlite:///{file}")),
    "prepare": lambda file: prepare(file, releases),
}[sys.argv[1]]
for name in sys.argv[3:]:
    gate, opener = os.pipe()
    for _ in range(int(sys.argv[2])):
        if not os.fork():
            os.close(opener)
            os.read(gate, 1)  # until the gate is open for all
            try:
                os.write(1, f"did {start(Path(name))}\\n".encode())  # as one piece
            except Exception:
                traceback.print_exc()
            os._exit(0)
    os.close(gate)
    os.close(opener)
    while True:
        try:
            os.wait()
        except ChildProcessError:
            break
"""
"""Forks processes for each file, which begin at the same moment."""


def at_once(how: str, files: list[Path]) -> list[str]:
    """What each process said."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, how, str(PROCESSES), *map(str, files)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert done.stderr == ""
    return done.stdout.splitlines()


@pytest.fixture
def memory() -> Iterator[Path]:
    with memory_folder() as folder:
        yield folder


def old(file: Path) -> None:
    """A database without tables, in SQLite's first journal mode."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("VACUUM")


def restored(file: Path) -> None:
    """One that is up to date, as a backup restores it: without the write-ahead journal."""
    upgrade(Database(f"sqlite:///{file}"))
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")


@pytest.mark.parametrize("make", [None, old, restored], ids=["new", "old", "restored"])
def test_upgrades_at_once_make_the_tables_once(memory: Path, make: object) -> None:
    files = [memory / f"{number}.sqlite3" for number in range(ROUNDS)]
    for file in files if callable(make) else []:
        make(file)  # type: ignore[operator]
    assert at_once("upgrade", files) == ["did None"] * PROCESSES * ROUNDS
    assert sorted(memory.iterdir()) == sorted(files)
    for file in files:
        with closing(sqlite3.connect(file)) as connection:
            query = "SELECT version_num FROM alembic_version"
            assert connection.execute(query).fetchall() == [(HEAD,)]


def test_of_first_starts_at_once_one_makes_the_database(memory: Path) -> None:
    files = [memory / f"{number}.sqlite3" for number in range(3)]
    said = at_once("prepare", files)
    assert sorted(said) == ["did 200"] * 3 + ["did None"] * 3 * (PROCESSES - 1)
    assert sorted(memory.iterdir()) == sorted(files)
    for file in files:
        with closing(sqlite3.connect(file)) as connection:
            assert connection.execute("SELECT count(*) FROM customers").fetchone() == (200,)


def test_a_migration_that_fails_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its tables are in the transaction, too."""
    file = tmp_path / "churn.sqlite3"
    old(file)
    real = schema_upgrade.command.upgrade

    def broken(*args: object) -> None:
        real(*args)  # type: ignore[arg-type]
        raise InterruptedError

    monkeypatch.setattr(schema_upgrade.command, "upgrade", broken)
    with pytest.raises(InterruptedError):
        upgrade(Database(f"sqlite:///{file}"))
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == []
