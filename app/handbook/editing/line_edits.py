"""Changes single lines of a document and leaves every other byte of it alone."""

from __future__ import annotations

import re
from pathlib import Path

from app.atomic_files import atomic_write

_LINE = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n|\Z)")
_END = re.compile(rb"[\r\n]*\Z")


def replace_line(file: Path, number: int, text: str) -> None:
    """Write a line anew, with the line end that it had."""
    lines = _lines(file)
    end = _END.search(lines[number - 1])
    lines[number - 1] = text.encode() + (end[0] if end else b"")
    _write(file, lines)


def insert_line(file: Path, after: int, text: str) -> None:
    """Add a line below another, with the same line end, or where it has none, the first's."""
    lines = _lines(file)
    ends = (_END.search(line) for line in (lines[after - 1], lines[0]))
    mark = next((end[0] for end in ends if end and end[0]), b"\n")
    if not lines[after - 1].endswith(mark):
        lines[after - 1] += mark
    lines.insert(after, text.encode() + mark)
    _write(file, lines)


def _lines(file: Path) -> list[bytes]:
    """The lines with their ends, parted where `source.decode` parts them."""
    return _LINE.findall(file.read_bytes())


def _write(file: Path, lines: list[bytes]) -> None:
    """In one step, so that a reader never sees half a document."""
    with atomic_write(file) as new:
        new.buffer.write(b"".join(lines))
