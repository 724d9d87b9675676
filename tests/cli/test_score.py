"""`churn score`: a file of customers becomes a file of predictions, the API's own."""

from __future__ import annotations

import csv
import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.customers.files.sample_file import SAMPLE
from model.cell_reading import cell_readers
from tests.prediction_bodies import CONTRACT
from tools.servers import ROOT, wait_until

READERS = cell_readers(CONTRACT)

Churn = Callable[..., CompletedProcess[str]]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Four customers, one with an impossible tenure and one without id."""
    head, *lines = SAMPLE.read_text().splitlines()[:4]
    bad = ["x-1,7000" + lines[0].removeprefix("wa-0010,62"), "," + lines[0].partition(",")[2]]
    path = tmp_path / "customers.csv"
    path.write_text("\n".join([head, lines[0], *bad, lines[1]]) + "\n")
    return path


def predicted(client: FlaskClient, customer: str, query: str) -> dict[str, Any]:
    with SAMPLE.open(newline="") as sample:
        (row,) = (row for row in csv.DictReader(sample) if row["customer_id"] == customer)
    features = {name: READERS[name].from_text(row[name]) for name in CONTRACT.names}
    body = {"features": features, "policy": "high_recall"}
    found: dict[str, Any] = client.post(f"/predict{query}", json=body).get_json()
    return found


def test_predictions_are_those_of_the_api(
    churn: Churn, client: FlaskClient, file: Path, tmp_path: Path
) -> None:
    """As JSON lines the whole answer, as CSV its values and its reasons' words."""
    lines, table = tmp_path / "scores.jsonl", tmp_path / "scores.csv"
    options = ["--policy", "high_recall", "--reasons", "2"]
    for output in (lines, table):
        done = churn("score", str(file), "--output", str(output), *options)
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith("4 read, 2 scored, 2 rejected")
    found = [json.loads(line) for line in lines.read_text().splitlines()]
    for entry in found:
        answer = predicted(client, entry["id"], "?reasons=2")
        assert {k: v for k, v in entry.items() if k != "id"} == answer
    with table.open(newline="") as cells:
        rows = list(csv.DictReader(cells))
    assert [row["customer_id"] for row in rows] == [entry["id"] for entry in found]
    for row, entry in zip(rows, found, strict=True):
        assert float(row["churn_probability"]) == entry["churn_probability"]
        assert (row["prediction"], row["policy"]) == (entry["prediction"], "high_recall")
        ends = [float(row["range_low"]), float(row["range_high"])]
        assert ends == entry["unknown"]["range"]
        assert [row["reason_1"], row["reason_2"]] == [r["text"] for r in entry["reasons"]]


@pytest.fixture
def private() -> Iterator[None]:
    """A umask that leaves new files to their owner."""
    before = os.umask(0o077)
    yield
    os.umask(before)


@pytest.mark.usefixtures("private")
def test_who_may_read_predictions_is_for_their_owner_to_say(
    churn: Churn, file: Path, tmp_path: Path
) -> None:
    """A new file obeys the umask; a replaced file keeps its mode."""
    output = tmp_path / "scores.csv"
    assert churn("score", str(file), "--output", str(output)).returncode == 0
    assert stat.S_IMODE(output.stat().st_mode) == 0o600
    output.chmod(0o640)
    assert churn("score", str(file), "--output", str(output)).returncode == 0
    assert stat.S_IMODE(output.stat().st_mode) == 0o640


def test_a_pipe_is_written_to(churn: Churn, file: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.jsonl"
    os.mkfifo(pipe)
    with subprocess.Popen(["cat", pipe], stdout=subprocess.PIPE, text=True) as reader:
        try:
            done = churn("score", str(file), "--output", str(pipe))
            assert done.returncode == 0, done.stderr
            out, _ = reader.communicate(timeout=120)
        finally:
            reader.kill()
    assert len([json.loads(line) for line in out.splitlines()]) == 2
    assert pipe.is_fifo()


@pytest.mark.parametrize("output", ["-", "/dev/stdout"])
def test_standard_output_is_written_to_after_what_it_has(
    file: Path, tmp_path: Path, output: str
) -> None:
    """By any of its names, and if it is a file."""
    log = tmp_path / "log"
    command = [sys.executable, "-m", "app.cli.main", "score", str(file), "--output", output]
    with log.open("ab", buffering=0) as stdout:
        stdout.write(b"before\n")
        subprocess.run(command, cwd=ROOT, check=True, stdout=stdout, stderr=subprocess.DEVNULL)
        stdout.write(b"after\n")
    before, head, *rows, after = log.read_text().splitlines()
    assert (before, after, len(rows)) == ("before", "after", 2)
    assert head.startswith("customer_id,prediction")


def test_a_command_that_is_ended_leaves_nothing_half_done(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "app.cli.main", "score", "-", "--output"]
    output = tmp_path / "scores.csv"
    with subprocess.Popen([*command, str(output)], cwd=ROOT, stdin=subprocess.PIPE) as process:
        wait_until(lambda: list(tmp_path.iterdir()) != [], "the file beside")
        process.terminate()
        process.wait(120)
    assert process.returncode == 128 + signal.SIGTERM
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_is_full_is_told_of_the_file_that_is_on_it(
    churn: Churn, file: Path, tmp_path: Path
) -> None:
    options = ["--output", str(tmp_path / "scores.csv"), "--rejects", "/dev/full"]
    done = churn("score", str(file), *options)
    assert done.returncode == 2
    assert "/dev/full: No space left" in done.stderr


def test_bad_rows_are_named_and_can_be_a_finding(churn: Churn, file: Path, tmp_path: Path) -> None:
    done = churn("score", str(file), "--output", str(tmp_path / "scores.csv"), "--strict")
    assert done.returncode == 1
    rejected = Path(f"{file}.rejects.csv").read_text()
    assert "3,x-1,tenure: Give a whole number" in rejected
    assert '4,,"id: give' in rejected


@pytest.mark.parametrize(
    ("content", "output", "named"),
    [
        ("customer_id,tenur\n", "scores.csv", "tenur"),
        ("", "scores.csv", "empty"),
        ("customer_id\n", "customers.csv", "customers.csv"),
        (
            "customer_id,tenure,contract,monthly_charges\n",
            "none/scores.csv",
            "none/scores.csv: No such",
        ),
    ],
    ids=["header", "empty", "onto itself", "no such folder"],
)
def test_what_cannot_be_used_is_one_line_and_leaves_nothing(
    churn: Churn, tmp_path: Path, content: str, output: str, named: str
) -> None:
    """The old content stays."""
    file = tmp_path / "customers.csv"
    file.write_text(content)
    before = sorted(tmp_path.iterdir())
    done = churn("score", str(file), "--output", str(tmp_path / output))
    (line,) = done.stderr.splitlines()
    assert (done.returncode, done.stdout) == (2, "")
    assert named in line
    assert sorted(tmp_path.iterdir()) == before
    assert file.read_text() == content
