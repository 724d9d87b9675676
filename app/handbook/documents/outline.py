"""The structure of a markdown text, with the lines of all its parts."""

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


@dataclass(frozen=True)
class Fence:
    """A fenced block, from its opening line to its closing line."""

    language: str
    text: str
    line: int
    end: int
    closed: bool
    info: str
    """What follows its opening signs: the language and other words."""


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

    words: tuple[tuple[int, str], ...]
    """Line and words of each paragraph, cell and block of code."""

    blocks: tuple[tuple[int, int], ...]
    """First and last line of each block at the top level, without comments."""

    definitions: frozenset[int]
    """The lines that define links; nobody reads them as text."""
