"""Whatever a file holds, `churn score` counts its rows or refuses it in one line."""

from __future__ import annotations

import gzip
import re
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from app.cli.score import score

HEAD = "customer_id,tenure,contract,monthly_charges"
GOOD = f"{HEAD}\nc-1,12,One year,65.5\nc-2,1,Two year,5\n"
ENTRY = '{"id": "c-1", "tenure": 12, "contract": "One year", "monthly_charges": 65.5}'
WHOLE = [
    GOOD.encode(),
    GOOD.replace(",", ";").encode(),
    GOOD.replace(",", "\t").encode("utf-16"),
    f"{ENTRY}\n{ENTRY}\n".encode(),
    f"[{ENTRY}, {ENTRY}]".encode(),
    gzip.compress(GOOD.encode()),
]
PIECES = [b'"', b",", b";", b"\n", b"\r", b"\0", b"\xff", b"\xef\xbb\xbf", b"[", b"{", b"}", b"\\"]
PIECES += [b"=1", b"NaN", b"1" * 500, b"\xed\xa0\x80", b"\\ud800", "é\u2028".encode()]


@st.composite
def broken(draw: st.DrawFn) -> bytes:
    """A good file, changed in some places and cut."""
    content = draw(st.sampled_from(WHOLE))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(content)))
        over = draw(st.integers(0, 3))
        content = content[:at] + draw(st.sampled_from(PIECES)) + content[at + over :]
    return content[: draw(st.integers(0, len(content)))] if draw(st.booleans()) else content


LINES = st.lists(
    st.lists(st.text(max_size=4) | st.sampled_from(["12", "One year", "c-1"]), max_size=6).map(
        ",".join
    ),
    max_size=5,
)
FILES = st.one_of(
    st.binary(max_size=200),
    st.binary(max_size=50).map(gzip.compress),
    broken(),
    LINES.map(lambda lines: "\n".join([HEAD, *lines]).encode("utf-8", "surrogatepass")),
)


@pytest.fixture(scope="module")
def run(app: Flask) -> Callable[[bytes], None]:
    def run(content: bytes) -> None:
        with tempfile.TemporaryDirectory() as folder:
            file, output = Path(folder) / "c.csv", Path(folder) / "scores.csv"
            file.write_bytes(content)
            args = [str(file), "--output", str(output)]
            done = app.test_cli_runner().invoke(score, args)
            assert done.exception is None or isinstance(done.exception, SystemExit)
            if done.exit_code == 2:
                assert done.stdout == ""
                assert done.stderr.splitlines()[-1].startswith("Error: c.csv:")
                assert not output.exists()
                return
            counts = re.match(r"(\d+) read, (\d+) scored, (\d+) rejected", done.stdout)
            assert counts
            read, scored, rejected = map(int, counts.groups())
            assert read == scored + rejected
            assert done.exit_code == (rejected > scored)
            assert len(output.read_bytes().splitlines()) == scored + 1

    return run


@settings(max_examples=300)
@given(FILES)
def test_rows_are_counted_or_the_file_is_refused(
    run: Callable[[bytes], None], content: bytes
) -> None:
    """Never a traceback; the exit status is 1 if more than half of the rows are rejected."""
    run(content)
