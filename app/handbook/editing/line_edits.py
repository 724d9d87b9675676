"""Changes single lines of a document and keeps every other byte."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.writing.atomic_files import atomic_write

_LINE = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n|\Z)")
_END = re.compile(rb"[\r\n]*\Z")


class EditedLines:
    """The lines of a document with their ends, split where `source.decode` splits them."""

    def __init__(self, content: bytes) -> None:
        self.lines = _LINE.findall(content)

    def replace(self, number: int, text: str) -> None:
        """Replace a line, and keep its line end."""
        end = _END.search(self.lines[number - 1])
        self.lines[number - 1] = text.encode() + (end[0] if end else b"")

    def insert(self, after: int, text: str) -> None:
        """Add a line below another, with its line end, or the first line's if it has none."""
        ends = (_END.search(line) for line in (self.lines[after - 1], self.lines[0]))
        mark = next((end[0] for end in ends if end and end[0]), b"\n")
        if not self.lines[after - 1].endswith(mark):
            self.lines[after - 1] += mark
        self.lines.insert(after, text.encode() + mark)


@contextmanager
def edited(file: Path) -> Iterator[EditedLines]:
    """Yield a document's lines to change, and write it once at the end."""
    lines = EditedLines(file.read_bytes())
    yield lines
    with atomic_write(file) as new:
        new.buffer.write(b"".join(lines.lines))
