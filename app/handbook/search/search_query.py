"""Turns typed text into words to search for, and texts into words to find."""

from __future__ import annotations

import re
from collections.abc import Sequence

from markupsafe import Markup, escape

_TERMS = 24
_LONGEST = 400
_WORD = re.compile(r"[^\W_]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
OPEN, CLOSE = "\x02", "\x03"
"""Marks around a hit; no text contains them."""

_MARKS = str.maketrans("", "", OPEN + CLOSE)


def terms(query: str) -> list[list[str]]:
    """Return the words of each part between spaces: `http_requests_total` is a phrase of three."""
    parts = query[:_LONGEST].lower().split()[:_TERMS]
    return [words for part in parts if (words := _WORD.findall(part))]


def phrase(words: Sequence[str]) -> str:
    """Quote words in order; the last may be longer, unless it is a single letter."""
    return f'"{" ".join(words)}"' + ("*" if len(words[-1]) > 1 else "")


def choices(words: Sequence[Sequence[str]]) -> str:
    """Join the choices for each word of a term: one of them must be there."""
    return " AND ".join(f"({' OR '.join(phrase([word]) for word in each)})" for each in words)


def split_names(names: str) -> str:
    """Return names as they are, and `ChurnApiDown` also as words."""
    return clean(f"{names} {_CAMEL.sub(' ', names)}" if _CAMEL.search(names) else names)


def clean(text: str) -> str:
    """Remove NUL and the marks around hits from a text."""
    return text.translate(_MARKS).replace("\0", "")


def marked(text: str) -> Markup:
    """Write a snippet as safe HTML, its hits in `<mark>`."""
    safe = str(escape(text)).replace(OPEN, "<mark>").replace(CLOSE, "</mark>")
    return Markup(safe)  # noqa: S704  (escaped)
