"""Arrays and the plain engine give equal files; the plain one needs neither numpy nor pyarrow."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from pyarrow import parquet

from app.bulk.parts import part
from app.bulk.parts.plain_part import write_plain
from tests.bulk.scoring import BAD, LINES, rows_of, run, write_customers
from tools.servers import ROOT

HIDDEN = """
import sys
sys.modules["pyarrow"] = sys.modules["numpy"] = sys.modules["fsspec"] = None
from app.cli.main import main
sys.argv = ["churn", *sys.argv[1:]]
main()
"""

OPTIONS = ("--reasons", 3, "--keep", "partner", "--keep", "note")


def without_extra(*args: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", HIDDEN, "score", *map(str, args)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Customers, some with unknown features, a bad one, and a column with formulas."""
    rows = [line.split(",") for line in [*LINES, BAD]]
    for number, row in enumerate(rows[1:]):
        if number % 3 == 0:
            row[4] = row[5] = ""
        row.append(["=1+1", "plain", "", 'with "quotes", and more'][number % 4])
    path = tmp_path / "customers.csv"
    with path.open("w", newline="") as out:
        csv.writer(out).writerows([[*rows[0], "note"], *rows[1:]])
    return path


def text(value: Any) -> str:
    return "" if value is None else str(value)


def equal(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two rows say the same: texts are equal, numbers but for their last bits."""
    numbers = ("confidence", "churn_probability", "range_low", "range_high")
    return one.keys() == other.keys() and all(
        abs(float(one[name]) - float(other[name])) < 1e-12
        if name in numbers
        else text(one[name]) == text(other[name])
        for name in one
    )


def test_both_engines_and_both_formats_say_the_same(
    app: Flask, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("arrays.csv", "arrays.parquet", "plain.csv")
    for name in names:
        if name == "plain.csv":
            monkeypatch.setattr(part, "_engine", lambda *_: write_plain)
        done = run(app, file, "--output", tmp_path / name, "--rejects", f"{file}.{name}", *OPTIONS)
        assert done.stdout.startswith("201 read, 200 scored, 1 rejected"), done.output
    arrays, plain = rows_of(tmp_path / "arrays.csv"), rows_of(tmp_path / "plain.csv")
    table = parquet.read_table(tmp_path / "arrays.parquet").to_pylist()
    assert len(arrays) == len(plain) == len(table) == 200
    for one, other, typed in zip(arrays, plain, table, strict=True):
        assert equal(one, other), (one, other)
        typed["note"] = one["note"] if text(typed["note"]) == "=1+1" else typed["note"]
        assert equal(one, typed), (one, typed)
    assert {row["note"] for row in plain} == {"'=1+1", "plain", "", 'with "quotes", and more'}
    changed = plain[0] | {"churn_probability": str(float(plain[0]["churn_probability"]) + 1e-9)}
    assert not equal(plain[0], changed)  # the comparison can fail
    rejects = {Path(f"{file}.{name}").read_text() for name in names}
    assert len(rejects) == 1


def test_without_the_extra_the_plain_engine_scores_and_names_the_fast_one(
    file: Path, tmp_path: Path
) -> None:
    options = ("--rejects", os.devnull, *OPTIONS)
    done = without_extra(file, "--output", tmp_path / "plain.csv", *options)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("201 read, 200 scored, 1 rejected")
    assert done.stderr.splitlines()[-1].endswith("-r requirements/bulk.txt")
    assert len(rows_of(tmp_path / "plain.csv")) == 200
    for args in (
        (file, "--output", tmp_path / "s.parquet", *OPTIONS),
        ("s3://a/b", "--output", "x.csv"),
    ):
        done = without_extra(*args)
        (line,) = done.stderr.splitlines()
        assert "requirements/bulk.txt" in line
        assert done.returncode == 2
    assert not (tmp_path / "s.parquet").exists()


@pytest.mark.parametrize("name", ["empty.csv", "empty.parquet"])
def test_a_header_alone_gives_a_header(app: Flask, tmp_path: Path, name: str) -> None:
    source = write_customers(tmp_path / "customers.csv", 1, 0)
    done = run(app, source, "--output", tmp_path / name, "--keep", "partner")
    assert (done.exit_code, done.stdout) == (0, "0 read, 0 scored, 0 rejected\n")
    if name.endswith(".csv"):
        header = (tmp_path / name).read_text().strip().split(",")
    else:
        header = parquet.read_table(tmp_path / name).column_names
    assert header[0] == "customer_id"
    assert header[-1] == "partner"


@pytest.mark.parametrize("engine", [None, write_plain], ids=["arrays", "plain"])
def test_repeated_ids_are_scored_and_counted(
    app: Flask,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    engine: Callable[..., object] | None,
) -> None:
    if engine:
        monkeypatch.setattr(part, "_engine", lambda *_: engine)
    source = write_customers(tmp_path / "customers.csv", 1, 20, *LINES[2:4], LINES[2])
    done = run(app, source, "--output", tmp_path / "scores.csv")
    assert done.exit_code == 0
    assert "customers.csv: 2 ids occur more than once" in done.stderr
    assert len(rows_of(tmp_path / "scores.csv")) == 23


def test_a_row_that_is_lost_ends_the_command(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A planted fault: the engine forgets a row."""
    monkeypatch.setattr(
        part,
        "_engine",
        lambda *_: lambda *given: write_plain(*given)._replace(scored=1),
    )
    source = write_customers(tmp_path / "customers.csv", 1, 2)
    done = run(app, source, "--output", tmp_path / "scores.csv")
    assert isinstance(done.exception, part.LostRowError)


def test_help_doesn_t_wait_for_arrays() -> None:
    code = "import sys; from app.cli import score; print({'numpy', 'pyarrow'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert done.stdout == "set()\n"
