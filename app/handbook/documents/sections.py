"""Finds the sections of a document and their bold fields, with their lines."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from app.handbook.documents.outline import Fence, Heading, Outline, WrittenLink
from app.handbook.documents.source import Source

FIELD = re.compile(r"[ \t>*+-]*\*\*([^*:]+?)\s*(?::\*\*|\*\*\s*:)[ \t]*(.*)")
_ITEM = re.compile(r"[ \t]{0,3}[-*+][ \t]+(.*)")
_TASK = re.compile(r"[ \t]*[-*+][ \t]+\[([ xX])\][ \t]+(.*)")
_FOOTER = re.compile(
    r"[ \t]*\*\*(last updated|owner|reviewers|date|deciders|consulted)\s*(:\*\*|\*\*\s*:)", re.I
)

Placed = TypeVar("Placed", Fence, WrittenLink)


@dataclass(frozen=True)
class Field:
    """`**Name**: value`; the value runs to the next field or heading."""

    name: str
    value: str
    line: int
    paragraph: str
    """The part up to the end of its paragraph, on one line; a footer's field ends there."""


class DocumentText:
    """A document's lines and structure.

    Args:
        source: the text.
        outline: its structure.
    """

    def __init__(self, source: Source, outline: Outline) -> None:
        self.lines = source.lines
        self.outline = outline
        self.fenced = {n for f in outline.fences for n in range(f.line, f.end + 1)}
        self.headings = outline.headings
        self._heads = {heading.line for heading in self.headings}
        self.footer_line = self._find_footer()

    @cached_property
    def end(self) -> int:
        """The line of the rule above the footer, or the end of the text."""
        end = self.footer_line - 1
        last_heading = self.headings[-1].line if self.headings else 0
        while end > last_heading and not self.lines[end - 1].strip(" \t-*_"):
            end -= 1
        return end + 1

    def prose(self, start: int, end: int) -> list[tuple[int, str]]:
        """Return number and text of the lines from start to end, without fences and headings."""
        return [
            (n, self.lines[n - 1])
            for n in range(start, end)
            if n not in self.fenced and n not in self._heads
        ]

    def _find_footer(self) -> int:
        """The line of the footer's first field, after the last heading."""
        start = self.headings[-1].line if self.headings else 0
        for number in range(start + 1, len(self.lines) + 1):
            if number not in self.fenced and _FOOTER.match(self.lines[number - 1]):
                return number
        return len(self.lines) + 1


@dataclass(frozen=True)
class Section:
    """A heading with the text up to the next heading of its level."""

    title: str
    level: int
    id: str
    line: int
    end: int
    """The line after its last."""

    whole: DocumentText = field(repr=False, compare=False)
    children: list[Section] = field(default_factory=list, repr=False, compare=False)

    @property
    def text(self) -> str:
        """The body as markdown."""
        return "\n".join(self.whole.lines[self.line : self.end - 1]).strip()

    @property
    def fences(self) -> Sequence[Fence]:
        """Its fenced blocks."""
        return _between(self.whole.outline.fences, self.line, self.end)

    @property
    def links(self) -> Sequence[WrittenLink]:
        """The links in it."""
        return _between(self.whole.outline.links, self.line, self.end)

    @property
    def has_table(self) -> bool:
        """Whether it contains a table."""
        return any(self.line < line < self.end for line in self.whole.outline.tables)

    def items(self) -> list[str]:
        """The text of each bullet."""
        prose = self.whole.prose(self.line + 1, self.end)
        return [match[1].strip() for _, text in prose if (match := _ITEM.match(text))]

    def tasks(self) -> list[str]:
        """The text of each `- [ ]` or `- [x]`."""
        prose = self.whole.prose(self.line + 1, self.end)
        return [match[2].strip() for _, text in prose if (match := _TASK.match(text))]

    def fields(self) -> dict[str, Field]:
        """The bold fields by lower-case name; of duplicates the last counts."""
        return fields(self.whole, self.line + 1, self.end)


def fields(whole: DocumentText, start: int, end: int) -> dict[str, Field]:
    """Return the bold fields between two lines; a value includes its fenced block."""
    heads = [(n, match) for n, text in whole.prose(start, end) if (match := FIELD.match(text))]
    if not heads:
        return {}
    ends = [line for line, _ in heads[1:]] + [end]
    found = {}
    for (line, match), stop in zip(heads, ends, strict=True):
        name, text = match[1].strip(), "\n".join([match[2], *whole.lines[line : stop - 1]])
        paragraph = re.split(r"\n[ \t]*(?:\n|\Z)", text, maxsplit=1)[0]
        plain = " ".join(re.sub(r"\\$", "", paragraph, flags=re.M).split())  # \ breaks a line
        found[name.lower()] = Field(name, text.strip(), line, plain)
    return found


def split(whole: DocumentText) -> list[Section]:
    """Return the document's sections, each with its subsections, without the title (level 1)."""
    top: list[Section] = []
    open_: list[tuple[Section, Heading]] = []
    ends = _ends(whole)
    for heading in whole.headings:
        if heading.level == 1:
            open_.clear()
            continue
        section = Section(
            heading.text, heading.level, heading.id, heading.line, ends[heading.line], whole
        )
        while open_ and open_[-1][1].level >= heading.level:
            open_.pop()
        (open_[-1][0].children if open_ else top).append(section)
        open_.append((section, heading))
    return top


def _ends(whole: DocumentText) -> dict[int, int]:
    """Map the line of each heading to the line of the next heading of its level or above."""
    ends = {}
    following = dict.fromkeys(range(1, 7), whole.end)
    for heading in reversed(whole.headings):
        ends[heading.line] = min(following[level] for level in range(1, heading.level + 1))
        following[heading.level] = heading.line
    return ends


def _between(placed: tuple[Placed, ...], line: int, end: int) -> Sequence[Placed]:
    start = bisect_left(placed, line, key=lambda item: item.line)
    return placed[start : bisect_left(placed, end, key=lambda item: item.line)]
