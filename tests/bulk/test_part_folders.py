"""A folder of files becomes a folder of results, which is completed after an interruption."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from app.bulk.parts.parts_folder import MANIFEST
from tests.bulk.scoring import BAD, LINES, rows_of, run, write_customers


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two files of customers, one in a sub-folder, and three that are none."""
    source = tmp_path / "in"
    write_customers(source / "a.csv", 1, 3, BAD)
    write_customers(source / "march" / "b.csv", 4, 5)
    for other in (".hidden.csv", "_SUCCESS", "old.csv.rejects.csv"):
        (source / other).write_text("no customers\n")
    return source


def files(folder: Path) -> dict[str, int]:
    """Each file below a folder, with what a new one in its place would not have."""
    found = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.stat().st_ino for path in found}


def test_a_folder_has_a_result_for_each_file_and_their_sum(app: Flask, folder: Path) -> None:
    """Also where it is below the input: results are no input of the next run."""
    out = folder / "out"
    for told in ("march/b.csv: 2 read, 2 scored, 0 rejected", "2 of 2 files are finished"):
        done = run(app, folder, "--output", out)
        assert done.exit_code == 0, done.output
        assert told in done.output
        assert f"6 read, 5 scored, 1 rejected (see {out}/_rejects)" in done.output
        assert sorted(files(out)) == [
            MANIFEST,
            "_rejects/a.csv.rejects.csv",
            "a.csv",
            "march/b.csv",
        ]
    ids = [row["customer_id"] for row in rows_of(out / "a.csv")]
    assert ids == [line.split(",")[0] for line in LINES[1:4]]


def test_what_is_finished_stays_and_what_is_lost_or_new_is_made(app: Flask, folder: Path) -> None:
    out = folder.parent / "out"
    run(app, folder, "--output", out)
    first = files(out)
    (out / "march" / "b.csv").write_text("damaged")
    write_customers(folder / "c.csv", 6, 9)
    done = run(app, folder, "--output", out)
    assert "1 of 3 files are finished" in done.output
    assert "10 read, 9 scored, 1 rejected" in done.output
    again = files(out)
    assert again["a.csv"] == first["a.csv"]
    assert len(rows_of(out / "march" / "b.csv")) == 2
    assert len(rows_of(out / "c.csv")) == 4


def change_file(folder: Path) -> None:
    write_customers(folder / "a.csv", 5, 7)


def remove_file(folder: Path) -> None:
    (folder / "a.csv").unlink()


def other_release(folder: Path) -> None:
    """As if another release, with another contract, had made what is there."""
    manifest = folder.parent / "out" / MANIFEST
    content = json.loads(manifest.read_text())
    content["decided by"] |= {"release": "0.9.0 (abc)", "contract": "abc"}
    manifest.write_text(json.dumps(content))


@pytest.mark.parametrize(
    ("change", "options", "named"),
    [
        (change_file, (), "in/a.csv was scored, and has changed since"),
        (remove_file, (), "in/a.csv was scored, and isn't among the input now"),
        (other_release, (), "release was 0.9.0 (abc), now 1.2.0 ("),
        (other_release, (), "contract was abc, now "),
        (None, ("--reasons", 2), "--reasons was 5, now 2"),
        (None, ("--policy", "high_recall"), "--policy was default, now high_recall"),
        (None, ("--keep", "partner"), "--keep was not given, now partner"),
        (None, ("--id", "partner"), "--id was not given, now partner"),
        (None, ("--format", "parquet"), "--format was the input's, now parquet"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_run_that_would_give_other_rows_is_refused(
    app: Flask,
    folder: Path,
    change: Callable[[Path], None] | None,
    options: tuple[object, ...],
    named: str,
) -> None:
    """Nothing is touched. `--afresh` scores all again, and results without an input go."""
    out = folder.parent / "out"
    run(app, folder, "--output", out)
    if change:
        change(folder)
    before = files(out)
    done = run(app, folder, "--output", out, *options)
    assert done.exit_code == 2
    assert named in done.stderr
    assert "--afresh" in done.stderr
    assert files(out) == before
    afresh = run(app, folder, "--output", out, "--afresh")
    assert afresh.exit_code == 0, afresh.output
    assert (out / "a.csv").exists() == (folder / "a.csv").exists()
    assert files(out)["march/b.csv"] != before["march/b.csv"]


def test_two_runs_don_t_write_into_one_folder(app: Flask, folder: Path) -> None:
    out = folder.parent / "out"
    out.mkdir()
    lock = os.open(out, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)
    done = run(app, folder, "--output", out)
    os.close(lock)
    assert (done.exit_code, files(out)) == (2, {})
    assert f"{out}: another run is writing there" in done.stderr
    assert run(app, folder, "--output", out).exit_code == 0


def test_a_file_that_can_t_be_read_is_named_and_the_others_are_scored(
    app: Flask, folder: Path
) -> None:
    """The next run tries it again."""
    (folder / "bad.csv").write_text("tenur\n")
    out = folder.parent / "out"
    done = run(app, folder, "--output", out)
    assert done.exit_code == 2
    assert [line for line in done.stderr.splitlines() if "bad.csv" in line and "tenur" in line]
    assert "6 read, 5 scored, 1 rejected" in done.output
    assert "bad.csv" not in files(out)
    write_customers(folder / "bad.csv", 8, 9)
    done = run(app, folder, "--output", out)
    assert done.exit_code == 0
    assert "8 read, 7 scored, 1 rejected" in done.output


def test_a_pattern_and_several_files_are_as_a_folder(app: Flask, folder: Path) -> None:
    out = folder.parent / "pattern"
    done = run(app, f"{folder}/*/*.csv", "--output", out, "--format", "jsonl")
    assert done.exit_code == 0, done.output
    assert sorted(files(out)) == [MANIFEST, "march/b.jsonl"]
    out = folder.parent / "several"
    done = run(app, folder / "a.csv", folder / "march" / "b.csv", "--output", out)
    assert sorted(files(out)) == [MANIFEST, "_rejects/a.csv.rejects.csv", "a.csv", "b.csv"]


@pytest.mark.parametrize(
    ("args", "named"),
    [
        (("in", "--output", "in"), "in is the folder of the input"),
        (("in", "--output", "-"), "several files need a folder"),
        (("in", "-", "--output", "out"), "standard input: give it alone"),
        (("in", "--output", "in/a.csv"), "in/a.csv"),
        (("in/*.parquet", "--output", "out"), "in/*.parquet: no files to score"),
        (("in", "--output", "out", "--rejects", "x"), "--rejects: a folder has"),
        (("in/a.csv", "in/march/a.tsv", "--output", "out"), "would both become out/a.csv"),
        (("in/a.csv", "in/march/b.csv", "--output", "in/march"), "is a file of the input"),
        (("in", "--output", "out", "--keep", "policy"), "two columns policy"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_done_is_one_line_and_leaves_nothing(
    app: Flask,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    args: tuple[str, ...],
    named: str,
) -> None:
    monkeypatch.chdir(folder.parent)
    write_customers(folder / "march" / "a.tsv", 1, 2)
    before = files(folder.parent)
    done = run(app, *args)
    assert done.exit_code == 2
    assert named in done.stderr.splitlines()[-1]
    assert not isinstance(done.exception, OSError)
    assert files(folder.parent) == before
    assert not Path("out").exists()
