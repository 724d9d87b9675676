"""Reads the outline of a markdown text with markdown-it-py."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token
from app.handbook.documents.outline import Fence, Heading, ListItem, Outline, WrittenLink

TEXT_LIMIT = 4_000
SIGNS_LIMIT = 60
"""Characters, and brackets, of a paragraph or cell in which links and emphasis are looked for.
Longer text is shown as written, because the time grows with the square of these numbers.
"""

_MARKED = re.compile(r"[\[<`]")
_COMMENT = re.compile(r"\s*(<!--.*?-->\s*)+\Z", re.DOTALL)


@cache
def _parser() -> MarkdownIt:
    """CommonMark with tables and strikethrough.

    All link targets are kept, so that findings can name forbidden ones.
    """
    from markdown_it import MarkdownIt  # noqa: PLC0415  (30 ms, and the first answer needs none)

    markdown = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    markdown.validateLink = lambda _url: True  # type: ignore[assignment]
    return markdown


def read(text: str) -> Outline:
    """Find the structure of a text. Any text is markdown, so this never fails."""
    # Inline markup is parsed only where it matters, which saves a third of the start time.
    env: dict[str, object] = {}
    tokens = _blocks(text, env)
    lines = text.split("\n")
    slugs = Slugs()
    headings: list[Heading] = []
    fences: list[Fence] = []
    links: list[WrittenLink] = []
    html: list[tuple[int, str]] = []
    tables: list[int] = []
    items: list[ListItem] = []
    for position, token in enumerate(tokens):
        line = token.map[0] + 1 if token.map else 0
        if token.type == "inline":
            children = _inline(token, env)
            links += _links(children, line)
            html += _html(children, line)
            opener = tokens[position - 1]
            if opener.type == "heading_open" and opener.level == 0 and opener.map:
                words = plain(children) if children else token.content
                words = words.replace("\n", " ")
                level, end = int(opener.tag[1]), opener.map[1]
                headings.append(Heading(level, words, slugs.next(words), line, end, token.content))
        elif token.type == "fence" and token.map:
            fences.append(_fence(token, lines))
        elif token.type == "html_block" and not _COMMENT.match(token.content):
            html.append((line, token.content.strip().split("\n")[0]))
        elif token.type == "table_open":
            tables.append(line)
        elif token.type == "list_item_open" and token.map:
            first = tokens[position - 1].type.endswith("list_open")
            items.append(ListItem(line, token.map[1], first))
    return Outline(
        tuple(headings), tuple(fences), tuple(links), tuple(html), tuple(tables), tuple(items)
    )


class Slugs:
    """Makes ids of headings like GitHub, so that anchors work in both places."""

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}

    def next(self, words: str) -> str:
        """Return a unique id for the next heading with these words."""
        base = re.sub(r"[^\w\- ]", "", words.strip().lower()).replace(" ", "-") or "section"
        slug = base
        while slug in self._seen:
            self._seen[base] += 1
            slug = f"{base}-{self._seen[base]}"
        self._seen[slug] = 0
        return slug


def overlong(text: str) -> bool:
    """Whether a paragraph or cell is too long to look for links and emphasis."""
    return len(text) > TEXT_LIMIT or any(text.count(sign) > SIGNS_LIMIT for sign in "[<")


def plain(children: list[Token]) -> str:
    """Return the words of inline tokens without markup."""
    words = []
    for token in children:
        if token.type in ("softbreak", "hardbreak"):
            words.append(" ")
        elif token.type == "image":
            words.append(plain(token.children or []))
        elif token.type in ("text", "code_inline", "html_inline", "text_special"):
            words.append(token.content)
    return "".join(words).strip()


def _blocks(text: str, env: dict[str, object]) -> list[Token]:
    tokens: list[Token] = []
    _parser().block.parse(text, _parser(), env, tokens)
    return tokens


def _inline(token: Token, env: dict[str, object]) -> list[Token]:
    children: list[Token] = []
    marked = _MARKED.search(token.content) or "*" in token.content or "_" in token.content
    if marked and not overlong(token.content):
        _parser().inline.parse(token.content, _parser(), env, children)
    return children


def _links(children: list[Token], line: int) -> Iterator[WrittenLink]:
    for token in children:
        if token.type in ("softbreak", "hardbreak"):
            line += 1
        elif token.type == "link_open":
            yield WrittenLink(str(token.attrGet("href") or ""), line, image=False)
        elif token.type == "image":
            yield WrittenLink(str(token.attrGet("src") or ""), line, image=True)


def _html(children: list[Token], line: int) -> Iterator[tuple[int, str]]:
    for token in children:
        if token.type in ("softbreak", "hardbreak"):
            line += 1
        elif (
            token.type == "html_inline"
            and not token.content.startswith("</")
            and not _COMMENT.match(token.content)
        ):
            yield line, token.content


def _fence(token: Token, lines: list[str]) -> Fence:
    assert token.map is not None  # noqa: S101  (the caller looked)
    start, end = token.map
    last = lines[end - 1].strip(" \t>") if end - 1 > start else ""
    closed = len(last) >= len(token.markup) and not last.strip(token.markup[0])
    words = token.info.split()
    return Fence(words[0] if words else "", token.content, start + 1, end, closed)
