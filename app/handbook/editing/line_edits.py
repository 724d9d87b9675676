"""Changes single lines of a document and keeps every other byte."""

from __future__ import annotations

import re
from pathlib import Path

from app.atomic_files import atomic_write

_LINE = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n|\Z)")
_END = re.compile(rb"[\r\n]*\Z")


def replace_line(file: Path, number: int, text: str) -> None:
    """Replace a line, and keep its line end."""
    lines = _lines(file)
    end = _END.search(lines[number - 1])
    lines[number - 1] = text.encode() + (end[0] if end else b"")
    _write(file, lines)


def insert_line(file: Path, after: int, text: str) -> None:
    """Add a line below another, with its line end, or the first line's if it has none."""
    lines = _lines(file)
    ends = (_END.search(line) for line in (lines[after - 1], lines[0]))
    mark = next((end[0] for end in ends if end and end[0]), b"\n")
    if not lines[after - 1].endswith(mark):
        lines[after - 1] += mark
    lines.insert(after, text.encode() + mark)
    _write(file, lines)


def _lines(file: Path) -> list[bytes]:
    """Split the text where `source.decode` does, and keep the line ends."""
    return _LINE.findall(file.read_bytes())


def _write(file: Path, lines: list[bytes]) -> None:
    """Write the document in one step, so that nobody reads half of it."""
    with atomic_write(file) as new:
        new.buffer.write(b"".join(lines))
