"""What is typed as words to look for, and text as words to be found."""

from __future__ import annotations

import re
from collections.abc import Sequence

from markupsafe import Markup, escape

_TERMS = 12
_LONGEST = 200
_WORD = re.compile(r"[^\W_]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
OPEN, CLOSE = "\x02", "\x03"
"""Around a hit, where no text has them."""

_MARKS = str.maketrans("", "", OPEN + CLOSE)


def terms(query: str) -> list[list[str]]:
    """The words of each part between spaces: `http_requests_total` is a phrase of three."""
    parts = query[:_LONGEST].lower().split()[:_TERMS]
    return [words for part in parts if (words := _WORD.findall(part))]


def phrase(words: Sequence[str]) -> str:
    """Words in their order, the last one possibly longer; a single letter is only itself."""
    return f'"{" ".join(words)}"' + ("*" if len(words[-1]) > 1 else "")


def split_names(names: str) -> str:
    """Names as they are, and `ChurnApiDown` as its words too."""
    return clean(f"{names} {_CAMEL.sub(' ', names)}" if _CAMEL.search(names) else names)


def clean(text: str) -> str:
    """Text without the signs that stand around hits, and without NUL."""
    return text.translate(_MARKS).replace("\0", "")


def marked(text: str) -> Markup:
    """A snippet as safe HTML, its hits in `<mark>`."""
    safe = str(escape(text)).replace(OPEN, "<mark>").replace(CLOSE, "</mark>")
    return Markup(safe)  # noqa: S704  (escaped)
