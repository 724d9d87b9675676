"""Every command that writes: what is there before, and what it makes."""

from __future__ import annotations

import csv
import shutil
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tools.fork_server import Ended, ForkServer
from tools.release_copies import copy_release
from tools.servers import ROOT, ServerError

DATABASE, KEYS = "churn.sqlite3", "keys.yaml"
SAMPLE = ROOT / "model" / "sample_customers.csv"
RELEASE = ROOT / "model" / "releases" / "1.0.0"
DOCUMENTS = ROOT / "tests" / "handbook" / "sample"


@dataclass(frozen=True)
class WritingCommand:
    """A command of `churn`, run in a folder of its own.

    Attributes:
        args: of `churn`.
        needs: makes what is there before, with the commands that make it.
        input: what it reads from standard input.
        refuses_again: whether it refuses to do the same once more, as `keys revoke` does.
    """

    args: tuple[str, ...]
    needs: Callable[[ForkServer, Path], object] = lambda *_: None
    input: str = ""
    refuses_again: bool = False

    def order(self, folder: Path) -> dict[str, Any]:
        """What a server of forks needs to run it, apart from its arguments."""
        model_dir = folder / "releases"
        environ = {
            "DATABASE_URL": f"sqlite:///{folder / DATABASE}",
            "API_KEYS_FILE": str(folder / KEYS) if self.args[0] == "keys" else "",
            "MODEL_DIR": str(model_dir) if model_dir.exists() else "",
        }
        order: dict[str, Any] = {"environ": environ, "cwd": str(folder)}
        if self.input:
            (folder.parent / "input").write_text(self.input)
            order["input"] = str(folder.parent / "input")
        if self.args[0] == "handbook":
            order["root"] = str(folder)
        return order

    def run(self, server: ForkServer, folder: Path) -> Ended:
        """Run it to its end."""
        return server.run(self.args, **self.order(folder))


def done(server: ForkServer, folder: Path, *args: str) -> None:
    """Run a command that must succeed."""
    ended = WritingCommand(args).run(server, folder)
    if ended.status != 0:
        raise ServerError(str(ended))


def _customers(_: ForkServer, folder: Path) -> None:
    """A file of customers with bad rows, and an older one of scores."""
    lines = SAMPLE.read_text().splitlines()
    bad = [line.replace(line.split(",")[0], f"bad {n}", 1) for n, line in enumerate(lines[1:4])]
    (folder / "customers.csv").write_text("\n".join([*lines, *bad]) + "\n")
    (folder / "scores.csv").write_text("of last month\n")
    (folder / "customers.csv.rejects.csv").write_text("of last month\n")


def _folder(server: ForkServer, folder: Path) -> None:
    """One file in a sub-folder; with more, the manifest has more states than before and after."""
    below = folder / "in" / "march"
    below.mkdir(parents=True)
    _customers(server, below)
    (below / "scores.csv").unlink()


def _database(server: ForkServer, folder: Path) -> None:
    done(server, folder, "database", "upgrade")
    _customers(server, folder)


def _unscored(server: ForkServer, folder: Path) -> None:
    done(server, folder, "serve", "--port", "0")
    with closing(sqlite3.connect(folder / DATABASE)) as connection, connection:
        connection.execute("UPDATE customers SET log_odds = NULL, scored_with = ''")


def _no_tables(_: ForkServer, folder: Path) -> None:
    sqlite3.connect(folder / DATABASE).execute("VACUUM").connection.close()


def _keys(server: ForkServer, folder: Path) -> None:
    done(server, folder, "keys", "new", "--name", "older", "--scope", "predict")


def _two_releases(server: ForkServer, folder: Path) -> None:
    for version in ("1.0.0", "1.1.0"):
        copy_release(RELEASE, folder / "releases" / version)
    done(server, folder, "serve", "--port", "0")
    done(server, folder, "model", "promote", "1.0.0")


def _unapproved(_: ForkServer, folder: Path) -> None:
    shutil.copytree(RELEASE, folder / "releases" / "1.0.0", ignore=lambda *_: ["approval.yaml"])


def _promoted(server: ForkServer, folder: Path) -> None:
    _two_releases(server, folder)
    done(server, folder, "model", "promote", "1.1.0")


def _outcomes(_: ForkServer, folder: Path) -> None:
    """Customers whose outcome is known, in a folder that has other files, too."""
    with (folder / "past.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["age", "plan", "left"])
        rows.writerows((18 + n * 7 % 60, "abc"[n * n % 3], n * 5 % 3 == 0) for n in range(300))


def _drafted(server: ForkServer, folder: Path) -> None:
    _outcomes(server, folder)
    done(server, folder, *INIT.args)
    (folder / "releases" / "1.0.0").mkdir(parents=True)
    (folder / "releases" / "1.0.0" / "card.yaml").write_text("of an older release\n")
    (folder / "sample_customers.csv").write_text("of an older release\n")


def _documents(_: ForkServer, folder: Path) -> None:
    for name in ("adrs", "guides", "runbooks"):
        shutil.copytree(DOCUMENTS / name, folder / name)


INIT = WritingCommand(("model", "init", "past.csv", "--target", "left", "--output", "."), _outcomes)

COMMANDS: Mapping[str, WritingCommand] = {
    "first start": WritingCommand(("serve", "--port", "0")),
    "database upgrade, new": WritingCommand(("database", "upgrade")),
    "database upgrade, old": WritingCommand(("database", "upgrade"), _no_tables),
    "customers load": WritingCommand(("customers", "load", "customers.csv"), _database),
    "customers score": WritingCommand(("customers", "score"), _unscored),
    "score": WritingCommand(
        ("score", "customers.csv", "--output", "scores.csv", "--reasons", "1"), _customers
    ),
    "score, folder": WritingCommand(
        ("score", "in", "--output", "out", "--format", "parquet", "--reasons", "1"), _folder
    ),
    "keys new": WritingCommand(
        ("keys", "new", "--name", "newer", "--scope", "predict"), _keys, refuses_again=True
    ),
    "keys revoke": WritingCommand(("keys", "revoke", "older"), _keys, refuses_again=True),
    "model init": INIT,
    "model init, new folder": WritingCommand((*INIT.args[:-1], "a/new/folder"), _outcomes),
    "model train": WritingCommand(("model", "train", "--from", ".", "--output", "a/new"), _drafted),
    "model release": WritingCommand(("model", "release", "--from", "."), _drafted),
    "model approve": WritingCommand(("model", "approve", "1.0.0", "--by", "Analysts"), _unapproved),
    "model export": WritingCommand(
        ("model", "export", "1.0.0", "--to", "sql", "--dialect", "sqlite", "--output", "churn.sql"),
        lambda _, folder: (folder / "churn.sql").write_text("of an older release\n"),
    ),
    "model promote": WritingCommand(("model", "promote", "1.1.0"), _two_releases),
    "model rollback": WritingCommand(("model", "rollback"), _promoted, refuses_again=True),
    "handbook new": WritingCommand(
        ("handbook", "new", "runbook", "The queue is full"), _documents, refuses_again=True
    ),
    "handbook new, superseding": WritingCommand(
        ("handbook", "new", "adr", "Serve tables", "--supersedes", "2"),
        _documents,
        refuses_again=True,
    ),
    "handbook review": WritingCommand(
        ("handbook", "review", "onboarding", "--by", "Platform team"), _documents, "y\n"
    ),
}


def contents(folder: Path) -> dict[str, Any]:
    """Read everything in a folder but SQLite's own files: by path what readers see.

    Of a database these are its rows, of keys their names, of others the bytes.
    """
    paths = (path for path in folder.rglob("*") if not _journal(path))
    return {str(path.relative_to(folder)): _content(path) for path in sorted(paths)}


def _journal(path: Path) -> bool:
    return path.name in {f"{DATABASE}-{kind}" for kind in ("wal", "shm", "journal")}


def _content(path: Path) -> Any:
    if path.is_dir():
        return None
    if path.name == KEYS:
        return [entry["name"] for entry in yaml.safe_load(path.read_bytes())]
    if path.name == DATABASE:
        return _rows(path)
    return path.read_bytes()


def _rows(file: Path) -> list[tuple[Any, ...]]:
    """The customers, but for the time at which they were written; an error if it is damaged."""
    with closing(sqlite3.connect(file)) as connection:
        (state,) = connection.execute("PRAGMA integrity_check").fetchone()
        tables = connection.execute("SELECT name FROM sqlite_master ORDER BY name").fetchall()
        query = "SELECT id, features, log_odds, scored_with FROM customers ORDER BY id"
        return [(state,), *tables, *(connection.execute(query) if tables else [])]
