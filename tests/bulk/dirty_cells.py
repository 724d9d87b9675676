"""CSV files whose rows and cells are what people and programs write."""

from __future__ import annotations

import gzip
from collections.abc import Iterator

from tests.bulk.dirty_case import ALL, ENDS, GOOD, HEAD, Case, among, lines

ONE, TWO, THREE = GOOD
PLAIN = lines(*GOOD)


def rows() -> Iterator[Case]:
    """Rows that aren't the header's."""
    for name, row, said in (
        ("short", "c-2,1", "2 cells, not the header's 4"),
        ("long", "c-2,1,Two year,5,6", "5 cells"),
        ("header-again", HEAD, "tenure"),
        ("no-id", ",1,One year,5", "id"),
        ("id-with-blank", "c 2,1,One year,5", "id"),
        ("unicode-id", "ç-2,1,One year,5", "id"),
        ("million", f"c-2,1,{'x' * 999_000},5", "contract"),
        ("too-long", f"c-2,1,{'x' * 1_000_000},5", "a line of more than"),
        ("million-cells", "c-2" + "," * 900_000 + "x", "cells"),
        ("million-id", f"{'x' * 900_000},1,One year,5", "id"),
        ("million-digits", f"c-2,{'1' * 900_000},One year,5", "tenure"),
        ("million-decimals", f"c-2,1,One year,5.{'x' * 900_000}", "monthly_charges"),
    ):
        yield Case(f"{name}.csv", among(row).encode(), ENDS, {3: said})
    yield Case("repeated.csv", lines(ONE, ONE, THREE).encode(), ("c-1", "c-1", "c-3"))
    yield Case("delimiters-at-the-end.csv", lines(*(f"{row},,," for row in GOOD)).encode(), ALL)
    yield Case("total.csv", lines(*GOOD, "Total,43,,150.5").encode(), ALL, {5: "contract"})
    yield Case(
        "all-bad.csv",
        lines("c-1,x,x,x", "c-2,x,x,x", "c-3").encode(),
        (),
        {2: "tenure", 3: "contract", 4: "cells"},
    )


def cells() -> Iterator[Case]:
    """Cells, right and wrong."""
    for name, row in {
        "padded": " c-2 , 1 ,\tTwo year\u00a0,\u20035 ",
        "spelled": "c-2,1.0,TWO  YEAR,5.",
        "hyphens": "c-2,1,month\u2011to\u2010month,.5",
        "plus": "c-2,+1,Two year,+5",
        "minus-zero": "c-2,-0,Two year,-0.0",
        "exponent": "c-2,1,Two year,5e1",
        "zeros": "c-2,0001,Two year,0005.50",
    }.items():
        yield Case(f"right-{name}.csv", among(row).encode(), ALL)
    for name, row, said in (
        ("unseen", "c-2,1,Weekly,5", "contract"),
        ("required", "c-2,1,,5", "contract"),
        ("missing-word", "c-2,NA,One year,5", "tenure"),
        ("fraction", "c-2,1.5,One year,5", "tenure"),
        ("range", "c-2,601,One year,5", "tenure"),
        ("negative", "c-2,-1,One year,5", "tenure"),
        ("text", "c-2,twelve,One year,5", "tenure"),
        ("infinite", "c-2,1,One year,inf", "monthly_charges"),
        ("nan", "c-2,1,One year,nan", "monthly_charges"),
        ("huge", "c-2,1,One year,1e400", "monthly_charges"),
        ("hexadecimal", "c-2,0x10,One year,5", "tenure"),
        ("underscores", "c-2,1_0,One year,5", "tenure"),
        ("currency", "c-2,1,One year,€5", "monthly_charges"),
        ("percent", "c-2,1,One year,5%", "monthly_charges"),
        ("other-digits", "c-2,\uff11,One year,5", "tenure"),
        ("date", "c-2,2026-11-29,One year,5", "tenure"),
        ("formula", "c-2,=1+1,One year,5", "tenure"),
        ("boolean", "c-2,true,One year,5", "tenure"),
        ("error", "c-2,1,One year,#DIV/0!", "monthly_charges"),
        ("grouped", 'c-2,1,One year,"1,000.5"', "monthly_charges"),
        ("two-faults", "c-2,x,x,5", "tenure"),
    ):
        yield Case(f"wrong-{name}.csv", among(row).encode(), ENDS, {3: said})


def packings() -> Iterator[Case]:
    """Packed files, and formats that are no text."""
    plain = PLAIN.encode()
    packed = gzip.compress(plain)
    yield Case("packed.csv.gz", packed, ALL, how="gzip")
    yield Case("members.csv.gz", packed + gzip.compress(b"c-4,1,One year,5\n"), (*ALL, "c-4"))
    yield Case("cut.csv.gz", packed[:-9], refused="cut.csv.gz: the gzip file is damaged")
    yield Case("changed.csv.gz", packed[:-8] + bytes(8), refused="the gzip file is damaged")
    yield Case("start.csv.gz", b"\x1f\x8b", refused="the gzip file is damaged")
    yield Case("empty.csv.gz", gzip.compress(b""), refused="the file is empty")
    yield Case("twice.csv.gz", gzip.compress(packed), refused="a gzip archive inside another")
    yield Case(
        "bomb.csv.gz",
        gzip.compress(PLAIN.encode() + bytes(64 << 20), 9),
        refused="unpacks to more than 300 times",
    )
    for name, start in {
        "a zip archive": b"PK\x03\x04",
        "a bzip2 archive": b"BZh91AY",
        "an xz archive": b"\xfd7zXZ\0",
        "a Zstandard archive": b"(\xb5/\xfd",
        "an SQLite database": b"SQLite format 3\0",
        "a PDF file": b"%PDF-1.7\n",
    }.items():
        yield Case(f"{name.split()[1]}.csv", start + plain, refused=f"csv: {name}")
