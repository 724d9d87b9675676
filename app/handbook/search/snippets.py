"""Cuts a snippet out of a text with marked hits; all are safe HTML."""

from __future__ import annotations

import re

from markupsafe import Markup

from app.handbook.search import search_query
from app.handbook.search.search_query import CLOSE, OPEN

LENGTH = 180
"""Characters of a snippet, about two lines."""

_BEFORE = 100
"""Most characters from a sentence's start to the first hit."""

_ENDS = ".!?;"
_HIT = re.compile(f"{OPEN}([^{CLOSE}]*){CLOSE}")
_SENTENCE = re.compile(r"[.!?;]\s+")


def command(code: str) -> Markup:
    """Return the line with the first hit, as code."""
    hit = code.find(OPEN)
    start = code.rfind("\n", 0, hit) + 1
    end = code.find("\n", hit)
    line = code[start : end if end >= 0 else len(code)]
    return Markup("<code>{}</code>").format(sentences(line))


def sentences(text: str) -> Markup:
    """Cut a snippet around the hits, from a sentence's start if it is near.

    Args:
        text: with its hits between `OPEN` and `CLOSE`.

    Returns:
        Safe HTML with the hits in `<mark>`.
    """
    hit = _most_telling(text)
    start = _start(text, hit)
    end = _end(text, start)
    cut = text[start:end].strip()
    if cut.count(OPEN) > cut.count(CLOSE):
        cut += CLOSE
    before = "…" if start and text[:start].rstrip()[-1:] not in _ENDS else ""
    after = "…" if end < len(text) and cut[-1:] not in _ENDS else ""
    return search_query.marked(before + cut + after)


def _most_telling(text: str) -> int:
    """Return the first hit that most other words follow within a snippet, or 0."""
    hits = [(found.start(), found[1].lower()) for found in _HIT.finditer(text)]
    if not hits:
        return 0
    return max(hits, key=lambda hit: len({w for at, w in hits if 0 <= at - hit[0] < LENGTH}))[0]


def _start(text: str, hit: int) -> int:
    """Return where the hit's sentence starts, or a word some way before the hit."""
    earliest = max(hit - _BEFORE, 0)
    starts = [found.end() for found in _SENTENCE.finditer(text, earliest, hit)]
    if earliest == 0 or starts:
        return starts[-1] if starts else 0
    return text.find(" ", earliest, hit) + 1 or earliest


def _end(text: str, start: int) -> int:
    """Return the end of the last sentence or word that fits."""
    furthest = start + LENGTH
    if furthest >= len(text):
        return len(text)
    ends = [found.end() for found in _SENTENCE.finditer(text, start + LENGTH // 2, furthest)]
    if ends:
        return ends[-1]
    space = text.rfind(" ", start + 1, furthest)
    return space if space > 0 else furthest
