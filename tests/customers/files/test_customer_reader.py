"""One reader for files of customers, whatever their delimiter, encoding, line ends and form."""

from __future__ import annotations

import gzip
import io
import json
from itertools import product
from typing import Any

import pytest

from app.customers.files import json_customers
from app.customers.files.customer_reader import read
from app.customers.files.file_format import FREE_BYTES, FileError
from app.customers.files.file_row import FileRow
from app.customers.files.header_matching import HeaderRules
from tests.prediction_bodies import CONTRACT

HEAD = "customer_id,tenure,contract,monthly_charges"
KNOWN = {"tenure": 12, "contract": "One year", "monthly_charges": 65.5}


def found(content: bytes | str, id_column: str = "") -> tuple[list[FileRow], str]:
    """The rows of a file, and how it was read."""
    file = io.BytesIO(content.encode() if isinstance(content, str) else content)
    customers = read(file, "c.csv", HeaderRules(CONTRACT, id_column))
    return list(customers.rows), customers.how()


def features(content: bytes | str, id_column: str = "") -> list[dict[str, Any] | None]:
    return [row.features for row in found(content, id_column)[0]]


DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}
ENCODINGS = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
}
ENDS = {"\n": "", "\r\n": "", "\r": ", CR line ends"}


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize(
    ("delimiter", "encoding", "end"),
    [*product(DELIMITERS, ENCODINGS, ENDS)],
    ids=lambda value: repr(value) if len(value) < 3 else value,
)
def test_a_table_of_any_form_is_read(delimiter: str, encoding: str, end: str, packed: bool) -> None:
    """Decimal commas are too, unless the comma is the delimiter."""
    comma = delimiter != ","
    table = [
        ["Customer ID", "tenure", "Contract", "MonthlyCharges"],
        ["c-1", "12", "One\u00a0year", "65,5" if comma else "65.5"],
        ["c-2", "12", "two year", "1.234,5" if comma else "1234.5"],
        ["c-3", "12", "ONE YEAR", "65"],
    ]
    text = "".join(delimiter.join(cells) + end for cells in table)
    marked = f"\ufeff{text}" if encoding.startswith("utf-16") else text
    content = marked.encode(encoding)
    rows, how = found(gzip.compress(content) if packed else content)
    assert [row.id for row in rows] == ["c-1", "c-2", "c-3"]
    assert rows[0].features == KNOWN
    assert rows[1].reason.startswith("monthly_charges: Give a number from 0 to 1000")
    assert rows[2].features == KNOWN | {"monthly_charges": 65.0}
    decimals = ", decimal comma" if comma else ""
    form = f"{DELIMITERS[delimiter]}-separated{decimals}, {ENCODINGS[encoding]}{ENDS[end]}"
    assert how == f"c.csv: read as {form}{', gzip' if packed else ''}"


@pytest.mark.parametrize("line", ["sep=;", '"sep=;"', "SEP=;\r", "\ufeffsep=;"], ids=ascii)
def test_a_first_line_that_names_the_delimiter_is_obeyed(line: str) -> None:
    content = f"{line}\ncustomer_id;tenure;contract;monthly_charges\nc-1;12;One year;65,5\n"
    assert features(content) == [KNOWN]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("65,5", 65.5),
        ("1.234,5", 1234.5),
        ("1.234", 1234.0),
        ("1.234.567", None),
        ("1\u00a0234,5", 1234.5),
        ("-1,5", None),
        ("786", 786.0),
        ("1,5,5", None),
        (",5", 0.5),
        ("5,", 5.0),
        ("1,5e2", 150.0),
    ],
)
def test_a_decimal_comma_is_read_as_people_mean_it(cell: str, value: float | None) -> None:
    """A point between thousands is no decimal point there."""
    head = HEAD.replace(",", ";") + ";total_charges"
    (row, _) = found(f"{head}\nc-1;12;One year;65,5;{cell}\nc-2;1;One year;65,5;\n")[0]
    assert (row.features or {}).get("total_charges") == value


def test_in_a_column_with_points_commas_are_faults() -> None:
    """The other columns keep theirs, and ids are never numbers."""
    head = HEAD.replace(",", ";") + ";total_charges"
    rows, how = found(f"{head}\n1.234;12;One year;65,5;1.5\nc-2;12;One year;65,5;1,5\n")
    assert rows[0].id == "1.234"
    assert rows[0].features == KNOWN | {"total_charges": 1.5}
    assert rows[1].reason.startswith("total_charges: Give a number")
    assert "decimal comma" in how


@pytest.mark.parametrize("cell", ['"1,234.5"', '"65,5"'])
def test_in_a_file_with_commas_a_comma_in_a_number_is_a_fault(cell: str) -> None:
    (row,) = found(f"{HEAD}\nc-1,12,One year,{cell}\n")[0]
    assert row.reason.startswith("monthly_charges: Give a number")


HEADERS = {
    "CUSTOMERID,Tenure,CONTRACT,Monthly Charges": "",
    "msisdn,tenure,contract,monthly-charges": "",
    "Subscriber_ID,tenure,contract,monthly\u2011charges": "",
    "Konto,tenure,contract,monthly_charges": "konto",
    "customer_no,tenure,contract,MONTHLY__CHARGES": "",
}


@pytest.mark.parametrize(("header", "id_column"), HEADERS.items(), ids=HEADERS)
def test_a_header_matches_whatever_its_spelling(header: str, id_column: str) -> None:
    (row,) = found(f"{header}\nc-1,12,One year,65.5\n", id_column)[0]
    assert (row.id, row.features) == ("c-1", KNOWN)


BAD_HEADERS = {
    "tenure,Tenure,contrct,x": [
        "'contrct': There is no such feature; did you mean contract?",
        "'x': There is no such feature",
        "columns 'tenure' and 'Tenure' are both tenure",
        "no column customer_id: name the column of the id with --id",
        "no column contract, which is required",
        "no column monthly_charges, which is required",
    ],
    "custmer_id,tenure,contract,monthly_charges": [
        "'custmer_id': There is no such feature; did you mean customer_id?",
        "no column customer_id: name the column of the id with --id",
    ],
    "id,account_id,tenure,contract,monthly_charges": [
        "columns 'id' and 'account_id' are both the id: choose one with --id"
    ],
    "id,gender,female,tenure,contract,monthly_charges": [
        "columns 'gender' and 'female' are both female"
    ],
}


@pytest.mark.parametrize("header", BAD_HEADERS)
def test_all_faults_of_a_header_are_told_at_once(header: str) -> None:
    with pytest.raises(FileError) as refused:
        found(f"{header}\n")
    assert str(refused.value) == f"c.csv:1: {'; '.join(BAD_HEADERS[header])}"


def test_of_two_ids_one_can_be_chosen() -> None:
    """The other is left out; a name that isn't there is told with the nearest."""
    content = f"id,{HEAD}\n1,c-1,12,One year,65.5\n"
    rows, how = found(content, "customer id")
    assert rows[0].id == "c-1"
    assert how.endswith("; left out: id (another id)")
    with pytest.raises(FileError, match=r"no column custmer; did you mean 'customer_id'\?"):
        found(content, "custmer")


@pytest.mark.parametrize(
    "content",
    [
        f"{HEAD},,\nc-1,12,One year,65.5,,\n",
        f"{HEAD},\nc-1,12,One year,65.5\n",
        f"{HEAD}\nc-1,12,One year,65.5,,,\n",
        f"Unnamed: 0,{HEAD}\n0,c-1,12,One year,65.5\n",
        f"{HEAD}\n\nc-1,12,One year,65.5\n,,,\n\n",
        f"{HEAD},Churn\nc-1,12,One year,65.5,Yes\n",
        f'{HEAD}\n"c-1", "12", " One year ",65.5\n',
    ],
    ids=["empty columns", "in the header", "in rows", "pandas", "blank lines", "outcome", "quotes"],
)
def test_what_does_no_harm_is_left_out(content: str) -> None:
    assert features(content) == [KNOWN]


JSON_FORMS: dict[str, Any] = {
    "features": {"id": "c-1", "features": KNOWN},
    "flat": {"customerID": "c-1", **KNOWN},
    "a number as id": {"id": 1, **KNOWN},
    "a float as id": {"id": 1.0, **KNOWN},
    "numbers as text": {"id": "c-1", **KNOWN, "tenure": "12", "monthly_charges": "65.5"},
    "other spellings": {"Customer ID": "c-1", **KNOWN, "contract": "one YEAR"},
    "missing": {"id": "c-1", **KNOWN, "partner": "NA", "total_charges": None},
    "outcome": {"id": "c-1", **KNOWN, "Churn": "Yes"},
}


@pytest.mark.parametrize("entry", JSON_FORMS.values(), ids=JSON_FORMS)
def test_a_json_customer_of_any_form_is_read(entry: dict[str, Any]) -> None:
    """On a line or in an array, which may be packed."""
    for content in (json.dumps(entry), json.dumps([entry], indent=1)):
        assert features(content) == [KNOWN]
        assert features(gzip.compress(content.encode("utf-8-sig"))) == [KNOWN]


@pytest.mark.parametrize(
    ("value", "read_as"), [(1, True), (0.0, False), ("Yes", True), ("0", False), (True, True)]
)
def test_a_boolean_of_a_json_file_may_be_written_as_in_csv(value: Any, read_as: bool) -> None:
    content = json.dumps({"id": "c-1", **KNOWN, "partner": value})
    assert features(content) == [KNOWN | {"partner": read_as}]


def test_a_bad_customer_of_an_array_costs_only_itself() -> None:
    """Its line is where it begins."""
    good = json.dumps({"id": "c-1", **KNOWN})
    rows, _ = found(f'[{good},\n{{"id": "c-2", "id": "c-3"}},\n5,\n\n{good}]')
    assert [row.line for row in rows if row.features is None] == [2, 3]
    assert [row.line for row in rows if row.features is not None] == [1, 5]


BROKEN_ARRAYS = {
    '[{"id": "c-1"}\n{"id": 2}]': "c.csv:2: not JSON: expecting ',' or ']'",
    '[{"id": "c-1"},\n{"id"': "c.csv:2: not JSON: Expecting ':' delimiter",
    '[{"id": "c-1"}] 5': "c.csv:1: not JSON: more text after the array",
    '[{"id":' + "[" * 100_000: "c.csv:1: not JSON: nested too deep",
}


@pytest.mark.parametrize("content", BROKEN_ARRAYS, ids=range(len(BROKEN_ARRAYS)))
def test_a_broken_array_is_refused(content: str) -> None:
    with pytest.raises(FileError) as refused:
        found(content)
    assert str(refused.value) == BROKEN_ARRAYS[content]


@pytest.mark.parametrize("end", ["\n", "\r\n", " \r"])
def test_an_object_of_several_lines_is_refused(end: str) -> None:
    """Its lines would each be a bad customer."""
    content = json.dumps({"customers": [{"id": "c-1", **KNOWN}]}, indent=1).replace("\n", end)
    with pytest.raises(FileError, match=r"several lines: write one customer a line \(JSON lines\)"):
        found(content)


def test_an_array_is_kept_in_memory_up_to_a_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_customers, "MAX_ARRAY", 1000)
    with pytest.raises(FileError, match="more than 1000 characters: write one customer a line"):
        found("[{" + " " * 1000)


REFUSED = {
    b"PK\x03\x04....[Content_Types].xml": "an Excel workbook (xlsx): save it as CSV UTF-8",
    b"PK\x03\x04....customers.csv": "a zip archive: unpack it and give a CSV file in UTF-8",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "an Excel workbook (xls): save it as CSV UTF-8",
    gzip.compress(b"PAR1"): "a Parquet file: save it as CSV UTF-8",
    b"<html><table>": "an HTML or XML document: save it as CSV UTF-8",
    gzip.compress(gzip.compress(b"")): "a gzip archive inside another: unpack it",
    gzip.compress(HEAD.encode())[:-9]: "the gzip file is damaged or not complete",
    HEAD.encode("utf-16-le"): "1: not UTF-8: save the file as UTF-8",
    HEAD.encode("utf-32"): "1: not UTF-8: save the file as UTF-8",
    f"{HEAD}\nc-1,12,One year,5\n".encode() * 9 + b"M\xfcller": "19: not UTF-8",
}


@pytest.mark.parametrize("content", REFUSED, ids=range(len(REFUSED)))
def test_what_is_no_text_is_named_with_what_to_do(content: bytes) -> None:
    with pytest.raises(FileError) as refused:
        found(content)
    assert (
        str(refused.value).replace(" ", "").startswith(f"c.csv:{REFUSED[content]}".replace(" ", ""))
    )


@pytest.mark.parametrize("line", [b"\0" * 1000, b"x" * 999 + b"\n"], ids=["one line", "lines"])
def test_a_gzip_bomb_is_not_unpacked(line: bytes) -> None:
    """It stops soon after the bytes that are free, of 20 times as many."""
    bomb = gzip.compress(f"{HEAD}\n".encode() + line * (20 * FREE_BYTES // len(line)))
    file = io.BytesIO(bomb)
    with pytest.raises(FileError, match="unpacks to more than 300 times its size"):
        list(read(file, "c.csv", HeaderRules(CONTRACT)).rows)
    assert file.tell() < len(bomb) / 2


def test_a_row_tells_all_its_faults() -> None:
    (row,) = found(f"{HEAD}\nc 1,700,x,\n")[0]
    assert row.reason == (
        "tenure: Give a whole number from 0 to 600 (months) (got '700'); "
        "contract: Give one of Month-to-month, One year, Two year (got 'x'); "
        "monthly_charges: This feature is required and cannot be null; "
        "id: give 1 to 64 letters, digits and . _ : @ -, the first a letter or digit "
        "(got 'c 1')"
    )
