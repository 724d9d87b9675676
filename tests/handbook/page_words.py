"""The words of a page, and of the text that it was made from."""

from __future__ import annotations

import re
from html.parser import HTMLParser

INLINE = frozenset(("a", "abbr", "b", "code", "em", "i", "kbd", "mark", "span", "strong", "sup"))
"""Elements that don't part words: `Matches<span>on disk</span>` is one word."""

_SILENT = ("script", "style", "title", "time")
"""Nothing to read, or a date, which has other words than its source."""

_WORD = re.compile(r"[^\W_]+")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.silent = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.silent = tag in _SILENT
        if tag not in INLINE:
            self.parts.append("\n")
        if tag == "img":  # what a reader without the image has
            self.parts.append(dict(attrs).get("alt") or "")

    def handle_endtag(self, tag: str) -> None:
        self.silent = False
        if tag not in INLINE:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.parts.append(data)


def text_of(html: str) -> str:
    """Return the text of a page, with one space between words."""
    reader = _Reader()
    reader.feed(html)
    return " ".join("".join(reader.parts).split())


def words_of(text: str) -> set[str]:
    """Return the words of a text: runs of letters and digits."""
    return set(_WORD.findall(text))
