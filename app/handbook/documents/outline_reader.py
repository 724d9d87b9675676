"""Reads the outline of a markdown text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from operator import itemgetter
from typing import TYPE_CHECKING

from app.handbook.documents import markdown_parser
from app.handbook.documents.outline import Fence, Heading, Outline, WrittenLink
from app.handbook.documents.slugs import HeadingIds

if TYPE_CHECKING:
    from markdown_it.token import Token

COMMENT = re.compile(r"\s*(<!--.*?-->\s*)+\Z", re.DOTALL)
"""Notes to writers."""


def read(text: str) -> Outline:
    """Find the structure of a text. Any text is markdown, so this never fails."""
    tokens, definitions = markdown_parser.parse(text)
    lines = text.split("\n")
    ids = HeadingIds()
    headings: list[Heading] = []
    fences: list[Fence] = []
    links: list[WrittenLink] = []
    html: list[tuple[int, str]] = []
    tables: list[int] = []
    words: list[tuple[int, str]] = []
    blocks: list[tuple[int, int]] = []
    for position, token in enumerate(tokens):
        if token.map is None:
            continue
        line, end = token.map[0] + 1, token.map[1]
        comment = token.type == "html_block" and COMMENT.match(token.content)
        if token.level == 0 and token.nesting >= 0 and not comment and token.type != "inline":
            blocks.append((line, end))
        if token.type == "inline":
            children = token.children or []
            links += _links(children, line)
            html += _html(children, line)
            opener = tokens[position - 1]
            if opener.type == "heading_open" and opener.level == 0:
                title = plain(children)
                level, last = int(opener.tag[1]), opener.map[1] if opener.map else end
                headings.append(Heading(level, title, ids.next(title), line, last))
            else:
                words.append((line, plain(children)))
        elif token.type == "fence":
            fences.append(_fence(token, lines, line, end))
        elif token.type == "html_block" and not comment:
            html.append((line, token.content.strip().split("\n")[0]))
            words.append((line, token.content))
        elif token.type == "table_open":
            tables.append(line)
        if token.type in ("fence", "code_block"):
            words.append((line, token.content))
    return Outline(
        tuple(headings),
        tuple(sorted(fences, key=lambda fence: fence.line)),
        tuple(sorted(links, key=lambda link: link.line)),
        tuple(html),
        tuple(sorted(tables)),
        tuple(sorted(words, key=itemgetter(0))),
        tuple(blocks),
        frozenset(line for lines in definitions for line in lines),
    )


def plain(children: list[Token]) -> str:
    """Return the words of inline tokens without markup."""
    words = []
    for token in children:
        if token.type in ("softbreak", "hardbreak"):
            words.append(" ")
        elif token.type == "image":
            words.append(plain(token.children or []))
        elif token.type in ("text", "code_inline", "html_inline"):
            words.append(token.content)
    return "".join(words).strip()


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
            and not COMMENT.match(token.content)
        ):
            yield line, token.content


def _fence(token: Token, lines: list[str], line: int, end: int) -> Fence:
    last = lines[end - 1].strip(" \t>") if end > line else ""
    closed = len(last) >= len(token.markup) and not last.strip(token.markup[0])
    words = token.info.split()
    return Fence(words[0] if words else "", token.content, line, end, closed, token.info)
