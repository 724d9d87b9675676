"""CSV is read by pyarrow exactly as by the one reader of files, or by that reader."""

from __future__ import annotations

import gzip
from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.bulk.reading import block_checking
from app.bulk.reading.block_checking import BlockChecker
from app.bulk.reading.csv_blocks import LONGEST_LINE
from app.customers.files.header_matching import HeaderRules
from app.customers.files.sample_file import SAMPLE
from model.features import Contract
from tests.bulk.csv_files import csv_files
from tests.bulk.readings import by_arrays, by_rows
from tests.prediction_bodies import CONTRACT

RULES = HeaderRules(CONTRACT)
REAL = SAMPLE.read_bytes()
HEAD = b"customer_id,tenure,contract,monthly_charges"


@settings(max_examples=250, suppress_health_check=[HealthCheck.too_slow])
@given(
    csv_files(),
    st.sampled_from([7, 60, 200, 5000]),
    st.sampled_from([("plan",), ("Plan", "tenure"), ("customer_id",)]),
)
def test_both_readers_say_the_same(content: bytes, block: int, keep: tuple[str, ...]) -> None:
    """Rows, values, kept texts, rejects with line and fault; or why the file cannot be read."""
    keep = keep if b"plan" in content else ()
    assert by_arrays(content, RULES, keep, block) == by_rows(content, RULES, keep)


def only_arrays(content: bytes, rules: HeaderRules = RULES, block: int = 20_000) -> object:
    """Read a file, of which no block may go through the one reader."""
    with mock.patch.object(BlockChecker, "rows", side_effect=AssertionError("not by arrays")):
        return by_arrays(content, rules, block=block)


def semicolons(content: bytes) -> bytes:
    return content.replace(b",", b";").replace(b".", b",")


def quoted(content: bytes) -> bytes:
    """As R writes it, and pandas if asked to: all cells with quotes."""
    return b"".join(
        b",".join(b'"%s"' % cell for cell in line.split(b",")) + b"\n"
        for line in content.splitlines()
    )


USUAL = {
    "plain": REAL,
    "quoted": quoted(REAL),
    "CRLF": REAL.replace(b"\n", b"\r\n"),
    "gzip": gzip.compress(REAL),
    "byte order mark": b"\xef\xbb\xbf" + REAL,
    "decimal comma": semicolons(REAL),
    "blank lines": REAL.replace(b"\nwa-0", b"\n\nwa-0"),
    "no end": REAL.rstrip(),
    "other letters": REAL.replace(b"Mailed check", "\u00a0Mailed\u00a0check".encode()),
    "bad cells": REAL.replace(b"One year,1", b"weekly,x1"),
    "bad rows": REAL.replace(b"\nwa-1", b"\nx,wa-1"),
    "bad ids": REAL.replace(b"wa-2", b"wa 2"),
    "missing": REAL.replace(b",Yes,", b",NA,").replace(b".5,", b".5nan,"),
    "infinite": REAL.replace(b"0,One", b"inf,One"),
    "exponents": REAL.replace(b".5,", b"5e-1,"),
}


@pytest.mark.parametrize("content", USUAL.values(), ids=USUAL)
def test_usual_files_are_read_by_arrays(content: bytes) -> None:
    assert only_arrays(content) == by_rows(content, RULES)


def test_a_planted_fault_is_seen() -> None:
    """Of pyarrow's ways one is to drop a byte order mark that is part of an id."""
    content = HEAD + b"\n\xef\xbb\xbfc-1,12,One year,65.5\n"
    assert by_arrays(content, RULES) == by_rows(content, RULES)
    with mock.patch.object(block_checking, "is_plain", return_value=True):
        assert by_arrays(content, RULES) != by_rows(content, RULES)


NUMBERS_AS_WORDS = Contract(CONTRACT.features, missing=("-1", "999", "inf"))


def test_a_missing_word_that_looks_like_a_number_is_no_number() -> None:
    content = HEAD + b",total_charges\nc-1,12,One year,65.5,999\nc-2,12,One year,65.5,inf\n"
    content += b"c-3,12,One year,65.5, -1\nc-4,12,One year,65.5,998\n"
    rules = HeaderRules(NUMBERS_AS_WORDS)
    found = only_arrays(content, rules)
    assert found == by_rows(content, rules)
    assert found[0][1]["total_charges"] == [None, None, None, 998.0]  # type: ignore[index]


def test_what_is_not_utf8_is_told_with_its_line() -> None:
    """In a block far from the beginning."""
    content = REAL + b"c-1,12,One year,65\xff\n"
    line = content.count(b"\n")
    said = f"c.csv:{line}: not UTF-8: save the file as UTF-8"
    assert by_arrays(content, RULES, block=1000) == by_rows(content, RULES) == said


@pytest.mark.parametrize(
    "cell", [b" " * LONGEST_LINE, b'"' + b" " * 140_000 + b'"', b"x" * 2_000_000]
)
def test_a_long_line_is_one_row(cell: bytes) -> None:
    content = REAL + b"c-1,12,One year,65.5" + cell + b"\n" + REAL.split(b"\n")[1] + b"\n"
    for block in (1000, 8 << 20):
        assert by_arrays(content, RULES, block=block) == by_rows(content, RULES)
