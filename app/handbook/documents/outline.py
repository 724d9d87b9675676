"""The structure of a markdown text, with the line of everything in it.

Python-Markdown, which makes the pages, knows no lines; markdown-it-py does. Headings and fenced
blocks are found here alone and handed to the page (see `github_dialect`), so that a finding and
the page never disagree about what is one.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Heading:
    """A heading: its level, its words without markup, its id on the page, its lines."""

    level: int
    text: str
    id: str
    line: int
    end: int
    markup: str
    """Its words as written."""


@dataclass(frozen=True)
class Fence:
    """A fenced block, from the line that opens it to the one that closes it."""

    language: str
    text: str
    line: int
    end: int
    closed: bool


@dataclass(frozen=True)
class ListItem:
    """An item of a list, from its first line to its last; `first` of its list or not."""

    line: int
    end: int
    first: bool


@dataclass(frozen=True)
class WrittenLink:
    """A link or image as written."""

    target: str
    line: int
    image: bool


@dataclass(frozen=True)
class Outline:
    """What a markdown text consists of, in the order of its lines."""

    headings: tuple[Heading, ...]
    """Those that stand by themselves; one inside a list or a quotation heads no section."""

    fences: tuple[Fence, ...]
    links: tuple[WrittenLink, ...]
    html: tuple[tuple[int, str], ...]
    """Line and beginning of each piece of raw HTML; comments don't count."""

    tables: tuple[int, ...]
    """The line of each table."""

    items: tuple[ListItem, ...]
