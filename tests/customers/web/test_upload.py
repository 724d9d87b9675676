"""A file of customers, scored by one form and kept by nobody."""

from __future__ import annotations

import csv
import gzip
import io
import logging
import re
import tempfile
import zipfile
from hashlib import sha256
from typing import Any

import pyarrow as pa
import pytest
from flask.testing import FlaskClient
from pyarrow import parquet

from app.customers.files.scored_file import csv_writer
from app.customers.web.upload_limits import MAX_CUSTOMERS
from app.predictions.scorer import DEFAULT_REASONS, Scorer
from app.releases.release_loader import Release
from tests.apps import listening
from tests.customers.conftest import as_csv, some
from tests.customers.files.right_cases import CASES, REFUSED, RIGHT
from tests.customers.telco import telco_file
from tests.customers.web.uploads import listed, send_again, upload, words

HEAD = b"customer_id,tenure,contract,monthly_charges\n"
GOOD = HEAD + b"a-1,12,One year,65.5\n"


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def zipped(**files: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("_csv", ".csv"), content)
    return packed.getvalue()


@pytest.mark.parametrize("name", RIGHT)
def test_every_case_is_scored_with_nothing_to_configure(client: FlaskClient, name: str) -> None:
    """The page says how many and how the file was read; the CSV has all of them."""
    right, content = RIGHT[name], (CASES / name).read_bytes()
    answer = upload(client, content, name)
    assert answer.status_code == 200
    count = f"{right.customers} read, {right.customers} scored, 0 rejected."
    assert f"{count} {name}: read as {right.how}." in words(answer)
    assert len(listed(answer)) == right.customers
    table = upload(client, content, name, **{"as": "csv"})
    assert (table.status_code, table.mimetype) == (200, "text/csv")
    assert table.headers["Content-Disposition"] == 'attachment; filename="scored.csv"'
    assert [row["customer_id"] for row in rows_of(table.text)] == listed(answer)


@pytest.mark.parametrize("name", REFUSED)
def test_every_unreadable_case_is_told(client: FlaskClient, name: str) -> None:
    answer = upload(client, (CASES / name).read_bytes(), name)
    assert answer.status_code == 422
    assert f"The file was not scored. {REFUSED[name]}" in words(answer)
    assert 'type="file"' in answer.text


def test_the_list_is_by_risk_and_the_csv_is_the_command_s(
    client: FlaskClient, release: Release
) -> None:
    """100 are shown; the page carries the others, so that no file is chosen twice."""
    content = telco_file(300).encode()
    answer = upload(client, content, "telco.csv", policy="high_recall")
    assert len(listed(answer)) == 100
    table = send_again(client, answer, policy="high_recall")
    assert table.text == upload(client, content, policy="high_recall", **{"as": "csv"}).text
    found = rows_of(table.text)
    risks = [float(row["churn_probability"]) for row in found]
    assert len(found) == 300
    assert risks == sorted(risks, reverse=True)
    assert [row["customer_id"] for row in found[:100]] == listed(answer)
    assert {row["policy"] for row in found} == {"high_recall"}
    assert {row["model_version"] for row in found} == {release.version}


def test_what_the_page_carries_has_the_same_values(client: FlaskClient, release: Release) -> None:
    """Whatever the contract allows; unknown values stay unknown."""
    customers = [*some(200), ("least", dict(some(1)[0][1]))]
    for name in set(customers[-1][1]) - set(release.contract.required):
        del customers[-1][1][name]
    answer = upload(client, as_csv(customers))
    table = send_again(client, answer)
    text = io.StringIO(newline="")
    write = csv_writer(text, DEFAULT_REASONS)
    scorer = Scorer(release.scorecard, release.contract)
    for customer, features in customers:
        write(customer, scorer.score(features))
    assert sorted(table.text.splitlines()) == sorted(text.getvalue().splitlines())


def test_the_example_can_be_uploaded(client: FlaskClient) -> None:
    example = client.get("/upload/example.csv")
    assert example.mimetype == "text/csv"
    answer = upload(client, example.data, "example.csv")
    assert "2 read, 2 scored, 0 rejected" in words(answer)
    assert " to " in words(answer).partition("example-2")[2]  # a range: much is unknown


def test_a_rejected_row_is_told_with_its_cell(client: FlaskClient) -> None:
    """Read is scored and rejected; the direct CSV isn't given without the others being told."""
    content = GOOD + b"a-2,7000,Weekly,65.5\n,12,One year,65.5\na-4,12\n"
    answer = upload(client, content)
    assert answer.status_code == 200
    text = words(answer)
    assert "4 read, 1 scored, 3 rejected." in text
    assert "3 a-2 tenure 7000 Give a whole number from 0 to 600 (months)" in text
    assert "3 a-2 contract Weekly Give one of Month-to-month, One year, Two year" in text
    assert "4 id give 1 to 64 letters" in text
    assert "5 2 cells, not the header's 4" in text
    refused = upload(client, content, **{"as": "csv"})
    assert refused.status_code == 422
    assert "The CSV would lack 3 of 4 rows." in words(refused)
    table = send_again(client, refused)
    assert [row["customer_id"] for row in rows_of(table.text)] == ["a-1"]


def test_so_many_faults_are_listed(client: FlaskClient) -> None:
    answer = upload(client, GOOD + b"b-1,x,Weekly,y\n" * 80)
    assert answer.text.count("<code>") == 100
    assert "81 read, 1 scored, 80 rejected." in words(answer)
    assert "These are the first; 80 rows are wrong in all." in words(answer)


def test_ids_are_those_of_the_reader(client: FlaskClient) -> None:
    """One that occurs twice is scored twice; a column of an unusual name can be told."""
    twice = upload(client, GOOD + GOOD.removeprefix(HEAD))
    assert listed(twice) == ["a-1", "a-1"]
    unusual = GOOD.replace(b"customer_id", b"member")
    refused = words(upload(client, unusual))
    assert "no column customer_id: name the column of the id in “Column of the id”" in refused
    assert listed(upload(client, unusual, id_column=" member ")) == ["a-1"]


def test_markup_in_a_file_stays_text(client: FlaskClient) -> None:
    content = HEAD + b"<b>x,<script>,One year,1\n"
    answer = upload(client, content, "<img src=x>.csv")
    assert "<script>" not in answer.text.partition("<main")[2]
    assert "<img" not in answer.text


def parquet_of(**columns: Any) -> bytes:
    base = {"customer_id": ["a-1"], "tenure": [12], "contract": ["One year"]}
    file = io.BytesIO()
    parquet.write_table(pa.table({**base, "monthly_charges": [65.5], **columns}), file)
    return file.getvalue()


PACKED = {
    "gzip": (gzip.compress(GOOD), "c.csv.gz"),
    "gzip under another name": (gzip.compress(GOOD), "c.csv"),
    "zip": (zipped(c_csv=GOOD), "c.zip"),
    "zip of a Mac": (zipped(**{"c_csv": GOOD, "__MACOSX/._c_csv": b"x"}), "c.zip"),
    "zip of UTF-16": (zipped(c_csv=GOOD.decode().encode("utf-16")), "c.zip"),
    "Parquet": (parquet_of(), "c.parquet"),
}


@pytest.mark.parametrize("name", PACKED)
def test_a_packed_file_is_unpacked(client: FlaskClient, name: str) -> None:
    assert listed(upload(client, *PACKED[name])) == ["a-1"]


@pytest.mark.parametrize("path", ["C:/Users/me/c.csv", "../../etc/c.csv", "C:\\\\c.csv"])
def test_a_file_s_folder_is_nobody_s_business(client: FlaskClient, path: str) -> None:
    assert "rejected. c.csv: read as comma-separated" in words(upload(client, GOOD, path))


@pytest.fixture(scope="module")
def full() -> bytes:
    """As many customers as may be."""
    return telco_file(MAX_CUSTOMERS).encode()


def test_nothing_is_kept(
    client: FlaskClient,
    full: bytes,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Neither on the disk, in whatever size, nor in the log, nor in a cache."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a file is written")

    for name in ("TemporaryFile", "SpooledTemporaryFile", "NamedTemporaryFile", "mkstemp"):
        monkeypatch.setattr(tempfile, name, refuse)
    monkeypatch.setattr("werkzeug.formparser.SpooledTemporaryFile", refuse)
    assert len(full) > 500 * 1024  # of which werkzeug makes a file
    caplog.set_level(logging.DEBUG)
    with listening(caplog):
        answers = [
            upload(client, full, "private.csv"),
            upload(client, GOOD.replace(b"12", b"private"), "private.csv"),
            upload(client, b"private", "private.csv"),
        ]
    assert [answer.status_code for answer in answers] == [200, 200, 422]
    assert {answer.headers["Cache-Control"] for answer in answers} == {"no-store"}
    assert len([r for r in caplog.records if r.name == "app.requests"]) == 3
    said = "".join(str(vars(record)) for record in caplog.records)
    assert not re.search(r"private|TELCO", said)


def test_the_page_stays_light(client: FlaskClient, full: bytes) -> None:
    """150 kB compressed with all customers; with more to carry, the file is asked for again."""
    head, *lines = full.decode().splitlines()
    for digits, carried in ((10, 1), (64, 0)):
        rows = [
            sha256(line.encode()).hexdigest()[:digits] + line[line.index(",") :] for line in lines
        ]
        answer = upload(client, "\n".join([head, *rows]).encode())
        assert answer.status_code == 200
        assert len(gzip.compress(answer.data)) < 150_000
        assert answer.text.count('name="again"') == carried
        assert ("choose the file again below" in words(answer)) == (not carried)
