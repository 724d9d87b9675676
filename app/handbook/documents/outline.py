"""The structure of a markdown text, with the lines of all its parts.

Python-Markdown, which makes the pages, has no line numbers; markdown-it-py has. Only this module
finds headings and fenced blocks, and passes them to the page (see `github_dialect`). Findings and
page therefore always agree on them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Heading:
    """A heading: level, words without markup, id on the page, lines."""

    level: int
    text: str
    id: str
    line: int
    end: int
    markup: str
    """Its words as written."""


@dataclass(frozen=True)
class Fence:
    """A fenced block, from its opening line to its closing line."""

    language: str
    text: str
    line: int
    end: int
    closed: bool


@dataclass(frozen=True)
class ListItem:
    """An item of a list, from its first line to its last."""

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
    """The parts of a markdown text, in the order of its lines."""

    headings: tuple[Heading, ...]
    """The top-level headings; a heading in a list or quotation begins no section."""

    fences: tuple[Fence, ...]
    links: tuple[WrittenLink, ...]
    html: tuple[tuple[int, str], ...]
    """Line and beginning of each piece of raw HTML, without comments."""

    tables: tuple[int, ...]
    """The line of each table."""

    items: tuple[ListItem, ...]
