"""How single pieces of markdown are written as HTML: code, tables, raw HTML, tick boxes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

from app.handbook import outline

_COMMENTS = re.compile(r"<!--.*?-->", re.DOTALL)
_HIGHLIGHT_LIMIT = 20_000
"""Characters of a block that are highlighted; a longer one is a listing, not an example."""


def _fence(
    _self: RendererHTML, tokens: Sequence[Token], position: int, _options: Any, _env: Any
) -> str:
    token = tokens[position]
    language = token.info.split()[0] if token.info.strip() else ""
    code = highlight(token.content, language)
    return (
        f'<div class="code"><p class="language">{escape(language)}</p>'
        f'<pre tabindex="0"><code>{code}</code></pre></div>\n'
    )


def _raw_html(
    _self: RendererHTML, tokens: Sequence[Token], position: int, _options: Any, _env: Any
) -> str:
    """Raw HTML as text; comments, which are notes to writers, not at all."""
    token = tokens[position]
    text = _COMMENTS.sub("", token.content)
    if token.type == "html_inline" or not text.strip():
        return escape(text.strip())
    return f"<p>{escape(text.strip())}</p>\n"


def _box(
    _self: RendererHTML, tokens: Sequence[Token], position: int, _options: Any, _env: Any
) -> str:
    return tokens[position].content


def _table_open(*_: Any) -> str:
    return '<div class="table" role="group" aria-label="Table" tabindex="0"><table>\n'


def _table_close(*_: Any) -> str:
    return "</table></div>\n"


def highlight(code: str, language: str) -> str:
    """Code as HTML: tokens in spans with pygments' short class names."""
    from pygments import highlight as colour  # noqa: PLC0415  (30 ms, and only pages need it)
    from pygments.formatters.html import HtmlFormatter  # noqa: PLC0415
    from pygments.lexers import get_lexer_by_name  # noqa: PLC0415
    from pygments.util import ClassNotFound  # noqa: PLC0415

    if not language or len(code) > _HIGHLIGHT_LIMIT:
        return escape(code)
    try:
        lexer = get_lexer_by_name(language, stripnl=False)
    except ClassNotFound:
        return escape(code)
    return str(colour(code, lexer, HtmlFormatter(nowrap=True)))


def _make_parser() -> MarkdownIt:
    markdown = outline.parser()
    rules = {
        "fence": _fence,
        "code_block": _fence,
        "html_block": _raw_html,
        "html_inline": _raw_html,
        "box": _box,
        "table_open": _table_open,
        "table_close": _table_close,
    }
    for name, rule in rules.items():
        markdown.add_render_rule(name, rule)
    return markdown


PARSER = _make_parser()
