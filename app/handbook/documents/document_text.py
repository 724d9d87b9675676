"""A document's lines and structure: front matter, text, footer."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from functools import cached_property

from app.handbook.documents import front_matter, outline_reader
from app.handbook.documents.source import Source

FIELD = re.compile(r"[ \t>*+-]*\*\*([^*:]+?)\s*(?::\*\*|\*\*\s*:)[ \t]*(.*)")
_FOOTER = re.compile(
    r"[ \t]*\*\*(last updated|owner|reviewers|date|deciders|consulted)\s*(:\*\*|\*\*\s*:)", re.I
)

_RULE = " \t-*_"
"""The signs of a rule."""


class DocumentText:
    """A document's lines and structure.

    Args:
        source: the text.
    """

    def __init__(self, source: Source) -> None:
        height, self.facts = front_matter.read(source.text)
        self.markdown = [""] * height + source.lines[height:]
        """Its lines without front matter."""

        self.outline = outline_reader.read("\n".join(self.markdown))
        self.fenced = {n for f in self.outline.fences for n in range(f.line, f.end + 1)}
        self.headings = self.outline.headings
        self._heads = {heading.line for heading in self.headings}
        self.footer_line = self._find_footer()
        self._footer = frozenset(self._footer_lines())
        hidden = {
            *self.outline.definitions,
            *(set(range(self.footer_line, len(self.markdown) + 1)) - self._footer),
        }
        self.lines = ["" if n in hidden else line for n, line in enumerate(self.markdown, 1)]
        """Its lines without front matter, definitions of links and text below the footer; line 1 is
        item 0."""

    @cached_property
    def end(self) -> int:
        """The line of the rule above the footer, or the end of the text."""
        end = self.footer_line - 1
        last_heading = self.headings[-1].end if self.headings else 0
        while end > last_heading and not self.lines[end - 1].strip(_RULE):
            end -= 1
        return end + 1

    @property
    def trailing(self) -> int | None:
        """The line of the first text below the footer, if there is any."""
        below = (line for line, _ in self.outline.blocks if line >= self.footer_line)
        texts = (n for n in below if self.markdown[n - 1].strip(_RULE))
        return next((n for n in texts if n not in self._footer), None)

    @property
    def shown(self) -> str:
        """The markdown that its page shows: all but front matter and footer."""
        hidden = {*range(self.end, self.footer_line), *self._footer} - self.outline.definitions
        return "\n".join("" if n in hidden else line for n, line in enumerate(self.markdown, 1))

    @property
    def definitions(self) -> str:
        """The lines that define links, which parts of the document need, too."""
        return "\n".join(self.markdown[n - 1] for n in sorted(self.outline.definitions))

    def words(self, start: int, end: int) -> str:
        """Return the words between two lines, without markup."""
        found = self.outline.words
        first = bisect_left(found, (start,))
        between = found[first : bisect_left(found, (end,))]
        return " ".join(" ".join(words for _, words in between).split())

    def prose(self, start: int, end: int) -> list[tuple[int, str]]:
        """Return number and text of the lines from start to end, without fences and headings."""
        return [
            (n, self.lines[n - 1])
            for n in range(start, end)
            if n not in self.fenced and n not in self._heads
        ]

    def _find_footer(self) -> int:
        """The line of the footer's first field, after the last heading."""
        start = self.headings[-1].end if self.headings else 0
        end = len(self.markdown) + 1
        return next(self._lines_of(_FOOTER, start + 1, end), end)

    def _lines_of(self, form: re.Pattern[str], start: int, end: int) -> Iterator[int]:
        """Yield the lines of a form, but for those in fenced blocks."""
        return (
            n
            for n in range(start, end)
            if n not in self.fenced and form.match(self.markdown[n - 1])
        )

    def _footer_lines(self) -> Iterator[int]:
        """Yield the lines of the blocks with the footer's fields, from the first field on."""
        for line, last in self.outline.blocks:
            first = next(self._lines_of(FIELD, max(line, self.footer_line), last + 1), last + 1)
            yield from range(first, last + 1)
