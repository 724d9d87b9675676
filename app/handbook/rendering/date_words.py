"""Writes dates such as `2026-11-13` in a text as `13 Nov 2026`."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element

from app.handbook.documents.document_types import parse_date

_DATE = re.compile(r"(?<![\w/.:-])(\d{4}-\d\d-\d\d)(?![\w/:-]|\.\w)", re.ASCII)
_AS_WRITTEN = ("code", "pre", "a", "time")
"""Elements whose text stays; a link's words may be an address or a file's name."""


def write(parent: Element) -> None:
    """Replace each date below an element by a `<time>`; what is no day of the calendar stays."""
    children = list(parent)
    parent[:] = []
    parent.text = _put(parent, parent.text)
    for child in children:
        if child.tag not in _AS_WRITTEN:
            write(child)
        parent.append(child)
        child.tail = _put(parent, child.tail)


def _put(parent: Element, text: str | None) -> str | None:
    """Append a text's dates with what follows each, and return what stands before them."""
    first, *rest = _DATE.split(text or "")
    before: Element | None = None
    for written, after in zip(rest[::2], rest[1::2], strict=True):
        if date := parse_date(written):
            before = Element("time", {"datetime": written})
            before.text = f"{date.day} {date:%b %Y}"
            before.tail = after
            parent.append(before)
        elif before is None:
            first += written + after
        else:
            before.tail = f"{before.tail}{written}{after}"
    return first if text else text
