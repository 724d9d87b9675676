"""Loading customers: each once, and every bad row named."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from app.customers.files.file_format import FileError
from app.customers.files.text_lines import MAX_LINE
from app.customers.store.queries import CustomerStore
from app.customers.store.tables import customers as table
from app.customers.store.writes import count
from app.observability.progress import lines_of
from app.releases.release_loader import Release
from tests.customers.conftest import Fill, as_csv, as_json_lines, everyone, named, some
from tests.stores import load_file
from tools.servers import ROOT, wait_until

MANY = 50_000


def rows(store: CustomerStore) -> dict[str, Any]:
    with store.database.bulk() as connection:
        query = sa.select(table.c.id, table.c.features, table.c.log_odds)
        return {row.id: (row.features, row.log_odds) for row in connection.execute(query)}


def test_a_load_that_was_killed_half_way_and_is_run_again_is_whole(
    store: CustomerStore,
    address: str,
    tmp_path: Path,
    churn: Callable[..., Any],
    release: Release,
) -> None:
    """No row lost, none doubled, each with the features and score it should have."""
    customers = some(MANY)
    file = tmp_path / "customers"
    form = as_json_lines if store.database.embedded else as_csv
    content = form(customers)
    file.write_bytes(content)
    command = [sys.executable, "-m", "app.cli.main", "customers", "load", "-"]
    process = subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, "DATABASE_URL": address}, stdin=subprocess.PIPE
    )
    assert process.stdin
    process.stdin.write(content[: len(content) // 2])  # the rest never comes: it cannot finish

    def half() -> bool:
        with store.database.bulk() as connection:
            return count(connection) >= MANY // 4

    wait_until(half, "a quarter is loaded")
    process.send_signal(signal.SIGKILL)
    process.communicate()
    with store.database.bulk() as connection:
        assert count(connection) < MANY, "it was to be killed before its end"
    done = churn("customers", "load", str(file), DATABASE_URL=address)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{MANY} read, {MANY} loaded, 0 rejected")
    found = rows(store)
    assert len(found) == MANY
    for customer, features in islice(customers, 0, None, 97):
        score = release.scorecard.log_odds(features)
        assert found[customer] == (features, score)
    assert sorted(everyone(store, release, limit=5000)) == [customer for customer, _ in customers]


BAD_ROWS = [
    ("c-1,12,One year", "3 cells, not the header's 4"),
    ("c-2,-1,One year,5", "tenure: Give a whole number from 0 to 600"),
    ("c-3,12,Weekly,5", "contract: Give one of Month-to-month"),
    ("c-4,,One year,5", "tenure: This feature is required"),
    ("c 5,12,One year,5", "id: give 1 to 64 letters"),
    ('c-6,12,"One year,5', "not CSV: unexpected end of data"),
    ("c-7,nan,One year,5", "tenure: This feature is required"),
    ("c-8,12,One year,\x00", "monthly_charges: Give a number"),
]


def test_bad_rows_go_to_a_file_with_line_and_reason(
    store: CustomerStore, release: Release, tmp_path: Path
) -> None:
    """Loaded and rejected rows add up to the rows read; a bad row affects no other."""
    lines = ["customer_id,tenure,contract,monthly_charges"]
    for bad, _ in BAD_ROWS:
        lines += [bad, f"good-{len(lines)},12,One year,5"]
    lines.insert(3, "")  # not a row
    content = "\r\n".join(lines).encode()
    rejects = tmp_path / "rejects.csv"
    read: list[int] = []
    done = load_file(store, named(content), rejects, release, read.append)
    assert (done.loaded, done.rejected) == (len(BAD_ROWS), len(BAD_ROWS))
    assert sum(read) == done.loaded + done.rejected
    with rejects.open(newline="") as file:
        found = list(csv.DictReader(file))
    for row, (bad, reason) in zip(found, BAD_ROWS, strict=True):
        assert lines[int(row["line"]) - 1] == bad
        assert row["reason"].startswith(reason)
    assert len(rows(store)) == len(BAD_ROWS)


BAD_LINES = [
    ('{"id": "c-1"}', "tenure: This feature is required; contract: This feature is required"),
    ('{"id": true, "features": {}}', "tenure: This feature is required"),
    ('{"id": "c-1", "features": []}', "give an object with id and features"),
    ('{"id": "c-1", "features": {"tenure": 12, "tenure": 13}}', "/features/tenure: The same name"),
    ('{"id": "c-1", "features": {"tenuer": 12}}', "'tenuer': There is no such feature; did you"),
    ('{"id": "c-1", "features": {"tenure": NaN}}', "/features/tenure: NaN is not JSON"),
    ("[1]", "give an object"),
    ('{"id": "c-1"', "Expecting ',' delimiter"),
]


@pytest.mark.parametrize(("line", "reason"), BAD_LINES, ids=range(len(BAD_LINES)))
def test_a_bad_json_line_is_named(
    store: CustomerStore, release: Release, tmp_path: Path, line: str, reason: str
) -> None:
    content = as_json_lines(some(1)) + line.encode() + b"\n" + as_json_lines(some(2)[1:])
    rejects = tmp_path / "rejects.csv"
    done = load_file(store, named(content), rejects, release)
    assert (done.loaded, done.rejected) == (2, 1)
    with rejects.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["line"] for row in rows} == {"2"}
    assert "; ".join(row["reason"] for row in rows).startswith(reason)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "customers.csv: the file is empty"),
        (b"\n\n", "customers.csv: the file is empty"),
        (b"tenure,contract\n", "customers.csv:1: no column customer_id"),
        (
            b"id,tenuer\n",
            "customers.csv:1: 'tenuer': There is no such feature; did you mean tenure",
        ),
        (b"id,tenure,tenure\n", "customers.csv:1: columns 'tenure' and 'tenure' are both tenure"),
        (b"id,tenure,contract\n", "customers.csv:1: no column monthly_charges, which is required"),
        (b"i\x00d\x00", "customers.csv:1: not UTF-8: save the file as UTF-8"),
        (b"i" * 200_000, "customers.csv:1: not CSV: field larger"),
        (b"i" * 2_000_000, "customers.csv: a line of more than"),
    ],
    ids=["empty", "blank", "no id", "unknown", "twice", "required", "UTF-16", "cell", "line"],
)
def test_a_file_without_a_header_is_refused(
    store: CustomerStore, release: Release, tmp_path: Path, content: bytes, fault: str
) -> None:
    with pytest.raises(FileError, match=f"^{fault}".replace("?", "[?]")):
        load_file(store, named(content), tmp_path / "rejects.csv", release)


def test_a_customer_loaded_again_is_replaced_with_its_score(
    store: CustomerStore, fill: Fill, release: Release
) -> None:
    """The last row of an id counts, in one file as over two."""
    (customer, first), (_, second), (_, third) = some(3)
    fill([(customer, first), (customer, second)])
    assert rows(store) == {customer: (second, release.scorecard.log_odds(second))}
    fill([(customer, third)])
    assert rows(store) == {customer: (third, release.scorecard.log_odds(third))}
    assert store.features(customer) == third


def test_a_line_without_end_takes_no_memory(
    store: CustomerStore, release: Release, tmp_path: Path
) -> None:
    """Of a line of 20 MB only its beginning is kept, and it is one row."""
    content = as_csv(some(1)) + b"x" * 20_000_000 + b"\n" + as_csv(some(2)).splitlines()[-1]
    done = load_file(store, named(content), tmp_path / "rejects.csv", release)
    assert (done.loaded, done.rejected) == (2, 1)
    assert (tmp_path / "rejects.csv").stat().st_size < 1000


def test_a_line_that_is_too_long_is_not_cut_into_a_row(
    store: CustomerStore, release: Release, tmp_path: Path
) -> None:
    """A cut line could end with another number."""
    row = b"c-1,12,One year,"
    padded = row + b" " * (MAX_LINE - len(row) - 3) + b"100.5\n"
    head = b"id,tenure,contract,monthly_charges\n"
    content = head + padded + b"c-2,12,One year,5\n"
    done = load_file(store, named(content), tmp_path / "rejects.csv", release)
    assert (done.loaded, done.rejected) == (1, 1)
    assert list(rows(store)) == ["c-2"]
    assert "2,,a line of more than" in (tmp_path / "rejects.csv").read_text()


def test_what_is_no_file_takes_rejects_and_stays(
    store: CustomerStore, release: Release, tmp_path: Path
) -> None:
    """A pipe or a device is written to, not removed."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        for content in (as_csv(some(1)), as_csv(some(1)) + b"bad\n"):
            load_file(store, named(content), pipe, release)
            assert pipe.is_fifo()
        assert b'3,,"1 cells' in os.read(reader, 10_000)
    finally:
        os.close(reader)


def test_standard_input_is_read_from_where_it_stands(tmp_path: Path) -> None:
    file = tmp_path / "two"
    file.write_bytes(b"read already\nfirst\nsecond\n")
    with file.open("rb") as found:
        found.readline()
        assert lines_of(found) == 2
        assert found.readline() == b"first\n"


@pytest.mark.parametrize("content", [b"\x1f\x8b\n\n", b"[\n{}\n]", b"id,tenure\rc-1,5\r"])
def test_where_a_line_is_no_customer_the_number_is_unknown(content: bytes) -> None:
    """The file is read from its beginning afterwards."""
    file = named(content)
    assert lines_of(file) is None
    assert file.read() == content


def test_strict_makes_a_rejected_row_a_finding(churn: Callable[..., Any], tmp_path: Path) -> None:
    """Exit status 1, but the good rows are loaded."""
    file = tmp_path / "customers.csv"
    file.write_bytes(as_csv(some(3)) + b"bad\n")
    environ = {"DATABASE_URL": f"sqlite:///{tmp_path / 'new' / 'churn.sqlite3'}"}
    assert churn("database", "upgrade", **environ).returncode == 0
    done = churn("customers", "load", str(file), "--strict", **environ)
    assert done.returncode == 1
    assert done.stdout == f"4 read, 3 loaded, 1 rejected (see {file}.rejects.csv)\n"
    assert churn("customers", "load", str(file), **environ).returncode == 0


def test_what_cannot_be_read_is_wrong_usage(
    app: Flask, churn: Callable[..., Any], tmp_path: Path
) -> None:
    """Exit status 2 and one line; the input file is never used for rejects."""
    file = tmp_path / "customers.csv"
    file.write_text("a,b\n")
    for done in (
        churn("customers", "load", str(file)),
        churn("customers", "load", "/nowhere.csv"),
        churn("customers", "load", str(file), "--rejects", str(file)),
    ):
        assert done.returncode == 2
        assert "Traceback" not in done.stderr
    assert file.read_text() == "a,b\n"


def test_without_tables_the_command_says_what_to_do(
    churn: Callable[..., Any], tmp_path: Path, address: str
) -> None:
    """One line, and a mistyped path is not created."""
    file = tmp_path / "customers.csv"
    file.write_bytes(as_csv(some(1)))
    done = churn("customers", "load", str(file), DATABASE_URL=address)
    assert done.returncode == 1
    assert "yet: churn database upgrade makes" in done.stderr
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == [file]
