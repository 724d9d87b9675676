"""Highlights code as HTML."""

from __future__ import annotations

from functools import lru_cache
from html import escape

from pygments import highlight
from pygments.formatters.html import HtmlFormatter
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

from app.handbook.rendering import placeholders

HIGHLIGHT_LIMIT = 20_000
"""Characters of the longest block that is highlighted."""

_FORMATTER = HtmlFormatter(nowrap=True)


def code(text: str, language: str) -> str:
    """Highlight code: tokens in spans with pygments' short class names, and places for values."""
    if language not in placeholders.SHELLS:
        return _coloured(text, language)
    marked, places = placeholders.mark(text)
    return placeholders.unmark(_coloured(marked, language), places)


def _coloured(text: str, language: str) -> str:
    lexer = _lexer(language) if len(text) <= HIGHLIGHT_LIMIT else None
    return str(highlight(text, lexer, _FORMATTER)) if lexer else escape(text)


@lru_cache(64)
def _lexer(language: str) -> Lexer | None:
    try:
        return get_lexer_by_name(language, stripnl=False) if language else None
    except ClassNotFound:
        return None
