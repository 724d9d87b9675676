"""Finds the sections of a document and their bold fields, with their lines."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from app.handbook.documents.document_text import FIELD, DocumentText
from app.handbook.documents.outline import Fence, Heading, WrittenLink

_ITEM = re.compile(r"[ \t]{0,3}[-*+][ \t]+(.*)")
_TASK = re.compile(r"[ \t]*[-*+][ \t]+\[([ xX])\][ \t]+(.*)")
Placed = TypeVar("Placed", Fence, WrittenLink)


@dataclass(frozen=True)
class Field:
    """`**Name**: value`; the value runs to the next field or heading."""

    name: str
    value: str
    line: int
    paragraph: str
    """The part up to the end of its paragraph, on one line."""


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
    def words(self) -> str:
        """The words of the body, without markup."""
        return self.whole.words(self.line + 1, self.end)

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
