"""CSV files for tests of reading: real customers in any form, with bytes that don't belong."""

from __future__ import annotations

import csv
from itertools import islice

from hypothesis import strategies as st

from app.customers.files.sample_file import SAMPLE

with SAMPLE.open(newline="") as sample:
    CUSTOMERS = [*islice(csv.DictReader(sample), 60)]
NEEDED = ("customer_id", "tenure", "contract", "monthly_charges")
OTHERS = ("total_charges", "payment_method", "partner", "senior_citizen", "online_backup", "plan")
NUMBERS = ("monthly_charges", "total_charges")

BYTES = [
    *(b'"', b'""', b",", b";", b"\n", b"\r", b"\r\n", b"\n\n", b" ", b"\t", b"\x00", b"\x1a", b"'"),
    *(b"\xff", b"\xc3", b"\xe2\x80", b"\xed\xa0\x80", b"\x85", b"\x1c", b"\x0b", b"\\", b"#", b"="),
    *(text.encode() for text in ("\ufeff", "\u00a0", "\u2003", "\u0967", "\u0130", "\u2028")),
    *(b"1e1", b"inf", b"-nan", b"NaN", b"NA", b"0x10", b"+5", b"+-1", b"-", b"1e400", b"1e-400"),
    *(b"-0", b".", b"1.", b".5", b"3" * 40, b"0." + b"3" * 40, b"1_0", b"9007199254740993", b"1 2"),
    *(b"12.0", b"12.5", b"null", b"\\N", b"yes", b"TRUE", b'"a,b"', b'" 1"', b"1,5", b",,,", b"x"),
]
"""Odd ones for readers of text, of CSV and of numbers."""


@st.composite
def csv_files(draw: st.DrawFn) -> bytes:
    """A file with a few customers, changed at a few places."""
    content = _table(draw)
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(content)))
        odd = draw(st.sampled_from(BYTES) | st.binary(min_size=1, max_size=2))
        gone = draw(st.sampled_from([0, 0, 1, len(odd)]))
        content = content[:at] + odd + content[at + gone :]
    return content


def _table(draw: st.DrawFn) -> bytes:
    others = draw(st.lists(st.sampled_from(OTHERS), unique=True, max_size=4))
    columns = draw(st.permutations([*NEEDED, *others]))
    delimiter = draw(st.sampled_from(",,;\t|"))
    quotes = draw(st.sampled_from(["", "", "texts", "all"]))
    rows = draw(st.lists(st.sampled_from(CUSTOMERS), max_size=8))

    def cell(row: dict[str, str], column: str) -> str:
        text = row.get(column, " p 1")
        if delimiter != "," and column in NUMBERS:
            text = text.replace(".", ",")
        quoted = quotes == "all" or (quotes == "texts" and not text[:1].isdigit())
        return f'"{text}"' if quoted else text

    lines = [delimiter.join(columns)]
    lines += [delimiter.join(cell(row, column) for column in columns) for row in rows]
    end = draw(st.sampled_from(["\n", "\n", "\r\n", "\r"]))
    return (end.join(lines) + draw(st.sampled_from(["", end, end * 3]))).encode()
