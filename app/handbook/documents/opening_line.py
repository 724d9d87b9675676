"""Says in one line what a document is about."""

from __future__ import annotations

import re

from app.handbook.documents.document_types import Document

LONGEST = 200
"""Characters of a line."""

_SECTIONS = ("Symptoms", "Context", "Summary")
"""Where runbooks, decisions and incidents say what they are about."""

_NOTE = re.compile(r"\s*\[\^[^\]\s]+\]")
"""A reference to a footnote."""

_SENTENCE = re.compile(r"(?<=[.!?]) ")


def opening_line(document: Document) -> str:
    """Return a document's first words: whole sentences, or the beginning of a long one."""
    return shortened(without_notes(_paragraph(document)))


def shortened(text: str) -> str:
    """Return a text's first whole sentences in one line, or the beginning of a long one."""
    words = " ".join(text.split())
    if len(words) <= LONGEST:
        return words
    ends = [match.start() for match in _SENTENCE.finditer(words, 0, LONGEST + 1)]
    return words[: ends[-1]] if ends else f"{words[:LONGEST].rpartition(' ')[0]}…"


def without_notes(text: str) -> str:
    """Return a text without its references to footnotes, for a place that doesn't show these."""
    return _NOTE.sub("", text)


def _paragraph(document: Document) -> str:
    """Return the first paragraph of the section that tells most, else of the whole text."""
    sections = (document.section(title) for title in _SECTIONS)
    starts = [section.line for section in sections if section]
    end = document.text.footer_line
    paragraphs = ((line, words) for line, words in document.text.outline.words if line < end)
    start = min(starts, default=0)
    return next((words for line, words in paragraphs if line > start and words), "")
