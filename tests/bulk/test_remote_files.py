"""Files behind URLs are scored as others are; what can't be opened is one line."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from fsspec.implementations.memory import MemoryFileSystem

from app.bulk.parts.parts_folder import MANIFEST
from app.bulk.storage.addresses import read
from app.bulk.storage.remote_files import remote_output
from tests.bulk.scoring import BAD, LINES, rows_of, run, write_customers


@pytest.fixture
def store() -> Iterator[Any]:
    """A store in memory, of this process."""
    yield MemoryFileSystem()
    MemoryFileSystem.store.clear()
    MemoryFileSystem.pseudo_dirs[:] = [""]


def put(store: Any, path: str, *lines: str) -> None:
    store.pipe_file(path, "\n".join([LINES[0], *lines, ""]).encode())


def test_a_file_from_a_store_to_a_store(app: Flask, store: Any) -> None:
    put(store, "/in/a.csv", *LINES[1:4], BAD)
    done = run(app, "memory://in/a.csv", "--output", "memory://out/scores.csv")
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("4 read, 3 scored, 1 rejected")
    scores = csv.DictReader(io.StringIO(store.cat_file("/out/scores.csv").decode()))
    assert [row["customer_id"] for row in scores] == [line.split(",")[0] for line in LINES[1:4]]
    assert b"x-1" in store.cat_file("/out/scores.csv.rejects.csv")


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_folder_in_a_store_resumes_and_refuses(app: Flask, store: Any, kind: str) -> None:
    put(store, "/in/a.csv", *LINES[1:4], BAD)
    put(store, "/in/march/b.csv", *LINES[4:6])
    args = ("memory://in", "--output", "memory://out", "--format", kind)
    assert run(app, *args).exit_code == 0
    found = sorted(store.find("/out"))
    expected = [MANIFEST, f"_rejects/a.{kind}.rejects.csv", f"a.{kind}", f"march/b.{kind}"]
    assert found == [f"/out/{name}" for name in expected]
    store.rm_file(f"/out/march/b.{kind}")
    done = run(app, *args)
    assert "1 of 2 files are finished" in done.output
    assert "6 read, 5 scored, 1 rejected" in done.output
    assert sorted(store.find("/out")) == found
    put(store, "/in/a.csv", *LINES[1:5])
    refused = run(app, *args)
    assert refused.exit_code == 2
    assert "memory:///in/a.csv was scored, and has changed since" in refused.stderr
    assert run(app, *args, "--afresh").exit_code == 0
    assert f"/out/_rejects/a.{kind}.rejects.csv" not in store.find("/out")


def test_files_in_an_archive(app: Flask, tmp_path: Path) -> None:
    one = write_customers(tmp_path / "a.csv", 1, 3)
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.write(one, "2026/a.csv")
    out = tmp_path / "out"
    done = run(app, f"zip://2026/*.csv::{tmp_path / 'all.zip'}", "--output", out)
    assert done.exit_code == 0, done.output
    assert len(rows_of(out / "a.csv")) == 3


def test_a_file_address_is_a_path(app: Flask, tmp_path: Path) -> None:
    source = write_customers(tmp_path / "two words.csv", 1, 3)
    done = run(app, source.as_uri(), "--output", f"file://{tmp_path}/scores.csv")
    assert done.exit_code == 0, done.output
    assert len(rows_of(tmp_path / "scores.csv")) == 3


def test_a_result_that_fails_does_not_appear(store: Any) -> None:
    store.pipe_file("/scores.csv", b"old")
    with ExitStack() as opened:
        opened.enter_context(pytest.raises(KeyboardInterrupt))
        opened.enter_context(remote_output("memory://scores.csv")).write(b"new")
        raise KeyboardInterrupt
    assert read("memory://scores.csv") == b"old"


@pytest.mark.parametrize(
    ("source", "named"),
    [
        ("memory://in/none.csv", "memory://in/none.csv: No such file"),
        ("s3://bucket/customers.csv", "s3://bucket/customers.csv: Install s3fs"),
        ("nonesuch://customers.csv", "Protocol not known: nonesuch"),
        ("zip://a.csv::/nonesuch.zip", "No such file"),
    ],
)
def test_what_cannot_be_opened_is_one_line(
    app: Flask, tmp_path: Path, source: str, named: str
) -> None:
    done = run(app, source, "--output", tmp_path / "scores.csv")
    assert done.exit_code == 2
    assert named in done.stderr.splitlines()[-1]
    assert list(tmp_path.iterdir()) == []
