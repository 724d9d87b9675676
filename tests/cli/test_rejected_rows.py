"""What `churn score` says and writes about rows that are rejected."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

Churn = Callable[..., CompletedProcess[str]]

HEAD = "customer_id,tenure,contract,monthly_charges\n"
GOOD, BAD = "c-1,12,One year,65.5\n", "c-2,700,One year,65.5\n"


def run(churn: Churn, folder: Path, rows: str, *options: str) -> CompletedProcess[str]:
    (folder / "c.csv").write_text(HEAD + rows)
    return churn("score", str(folder / "c.csv"), "--output", str(folder / "s.csv"), *options)


def test_when_most_rows_are_rejected_the_summary_says_why(churn: Churn, tmp_path: Path) -> None:
    """By rule, with counts; the exit status is 1 even without --strict."""
    done = run(churn, tmp_path, GOOD * 2 + BAD * 3 + "c 3,700,x,5\n")
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        f"6 read, 2 scored, 4 rejected (see {tmp_path / 'c.csv'}.rejects.csv)",
        "More than half of the rows were rejected:",
        "  4 tenure: Give a whole number from 0 to 600 (months)",
        "  1 contract: Give one of Month-to-month, One year, Two year",
        "  1 id: give 1 to 64 letters, digits and . _ : @ -, the first a letter or digit",
    ]


def test_half_of_the_rows_may_be_rejected(churn: Churn, tmp_path: Path) -> None:
    done = run(churn, tmp_path, GOOD + BAD)
    assert done.returncode == 0
    assert done.stdout.startswith("2 read, 1 scored, 1 rejected (see ")
    assert done.stdout.count("\n") == 1


def test_a_load_of_mostly_bad_rows_says_so_too(churn: Churn, tmp_path: Path) -> None:
    """The good rows are loaded."""
    environ = {"DATABASE_URL": f"sqlite:///{tmp_path / 'churn.sqlite3'}"}
    assert churn("database", "upgrade", **environ).returncode == 0
    (tmp_path / "c.csv").write_text(HEAD.replace("customer_id", "Konto") + GOOD + BAD * 2)
    done = churn("customers", "load", str(tmp_path / "c.csv"), "--id", "konto", **environ)
    assert done.returncode == 1
    assert done.stdout.startswith("3 read, 1 loaded, 2 rejected (see ")
    assert done.stdout.endswith("  2 tenure: Give a whole number from 0 to 600 (months)\n")


@pytest.mark.parametrize("start", ["=", "+", "-", "@"])
def test_no_cell_of_rejects_is_a_formula(churn: Churn, tmp_path: Path, start: str) -> None:
    assert run(churn, tmp_path, f"{start}1+1,12,One year,5\n").returncode == 1
    with (tmp_path / "c.csv.rejects.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["id"] == f"'{start}1+1"


def test_nor_is_one_of_predictions(churn: Churn, tmp_path: Path) -> None:
    """Numbers stay numbers, and ids cannot begin like a formula."""
    assert run(churn, tmp_path, GOOD).returncode == 0
    with (tmp_path / "s.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert 0 < float(row["churn_probability"]) < 1
    assert not any(cell.startswith(("=", "+", "-", "@", "'")) for cell in row.values())


def test_a_name_with_a_line_break_makes_no_line(churn: Churn, tmp_path: Path) -> None:
    """Neither of the summary nor of how the file was read."""
    (tmp_path / "c.jsonl").write_text('{"id": "c-1", "a\\nb": {"x": 1, "x": 2}, "ch\\nurn": 1}\n')
    done = churn("score", str(tmp_path / "c.jsonl"), "--output", str(tmp_path / "s.csv"))
    assert done.returncode == 1
    assert done.stdout.splitlines()[2:] == ["  1 /a?b/x: The same name occurs here twice"]
    assert done.stderr == "c.jsonl: read as JSON lines, UTF-8\n"
