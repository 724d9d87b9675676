"""Parts a document's text into prose, tables and commands, to search and to quote."""

from __future__ import annotations

from bisect import bisect_left
from itertools import groupby
from operator import itemgetter

from app.handbook.documents import outline_reader
from app.handbook.documents.document_text import DocumentText

_ENDS = ".!?:;…"


def prose(text: DocumentText, start: int, end: int) -> str:
    """Return the sentences between two lines; a list's item and a table's row are sentences too."""
    rows = [row for line, row in _rows(text, start, end) if line not in text.fenced]
    return " ".join(map(sentence, rows))


def commands(text: DocumentText, start: int, end: int) -> str:
    """Return the lines of the blocks between two lines."""
    fences = (fence for fence in text.outline.fences if start <= fence.line < end)
    return "\n".join(line.strip() for fence in fences for line in fence.text.split("\n"))


def of_markdown(text: str) -> str:
    """Return the sentences of a markdown text."""
    words = outline_reader.read(text).words
    return " ".join(sentence(_one_line(part)) for _, part in words)


def sentence(words: str) -> str:
    """End words with a full stop, unless a sign ends them."""
    return words if not words or words[-1] in _ENDS else f"{words}."


def _rows(text: DocumentText, start: int, end: int) -> list[tuple[int, str]]:
    """Return line and words of each block; the cells of a row have one line."""
    words = text.outline.words
    between = words[bisect_left(words, (start,)) : bisect_left(words, (end,))]
    return [
        (line, _row([_one_line(cell) for _, cell in cells]))
        for line, cells in groupby(between, itemgetter(0))
    ]


def _row(cells: list[str]) -> str:
    if len(cells) == 1:
        return cells[0]
    return ", ".join(cell.rstrip(_ENDS) for cell in cells if cell)


def _one_line(words: str) -> str:
    return " ".join(words.split())
