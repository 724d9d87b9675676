"""Markdown to safe HTML, with ids, links and pieces as this service's pages have them.

Three layers keep a document from running anything in a reader's browser: raw HTML is escaped here,
link targets are rewritten to addresses of known kinds, and nh3 parses the result and drops every
tag, attribute and scheme that is not listed. The Content-Security-Policy is the fourth.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import nh3
from markdown_it.token import Token

from app.handbook import links, outline
from app.handbook.documents import Document, Runbook
from app.handbook.markup import PARSER

_ATTRIBUTES = {
    "a": {"href", "title"},
    "div": {"role", "aria-label", "tabindex"},
    "img": {"src", "alt", "title"},
    "input": {"type", "checked"},
    "ol": {"start"},
    "pre": {"tabindex"},
    "span": {"title"},
    "*": {"class", "id"},
}
_TAGS = {
    *("a", "blockquote", "br", "code", "del", "div", "em", "h1", "h2", "h3", "h4", "h5", "h6"),
    *("hr", "img", "input", "label", "li", "ol", "p", "pre", "s", "section", "span", "strong"),
    *("table", "tbody", "td", "th", "thead", "tr", "ul"),
}
_BOX = re.compile(r"\[([ xX])\][ \t]+")

_STEP = '<section class="step"><label class="done"><input type="checkbox"> Done</label>'
FRAME_LEVEL = 3
CONTENTS_LEVELS = (2, 3)


@dataclass(frozen=True)
class Rendered:
    """A document's text as HTML, and its headings for the table of contents."""

    html: str
    contents: list[tuple[int, str, str]]
    """Level, id and words of each heading of level 2 and 3."""


def render(document: Document, leave_out: frozenset[str] = frozenset()) -> Rendered:
    """Make the page's text: without the title, the footer and the sections named.

    Args:
        document: the document.
        leave_out: ids of headings whose sections the page shows in another place.
    """
    tokens = PARSER.parse("\n".join(document.text.lines[: document.text.end - 1]))
    _prepare(tokens, document.path)
    frames = _frames(document)
    html: list[str] = []
    contents: list[tuple[int, str, str]] = []
    dropping, framed = 0, False
    for block in _blocks(tokens):
        level, id_ = _heading(block)
        if level:
            if framed and level <= FRAME_LEVEL:
                html.append("</section>")
                framed = False
            if not dropping or level <= dropping:
                dropping = level if id_ in leave_out else 0
            if level == 1:
                continue
        if dropping:
            continue
        if id_ in frames:
            html.append(frames[id_])
            framed = True
        if level in CONTENTS_LEVELS:
            contents.append((level, id_, outline.plain(block[1].children or [])))
        html.append(PARSER.renderer.render(block, PARSER.options, {}))
    if framed:
        html.append("</section>")
    return Rendered(clean("".join(html)), contents)


def fragment(document: Document, text: str) -> str:
    """Render a part of a document's text, such as its opening."""
    tokens = PARSER.parse(text)
    _prepare(tokens, document.path)
    return clean(PARSER.renderer.render(tokens, PARSER.options, {}))


def clean(html: str) -> str:
    """Drop every tag, attribute and address that pages don't have."""
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        set_tag_attribute_values={"input": {"type": "checkbox"}},
    )


def _blocks(tokens: list[Token]) -> Iterator[list[Token]]:
    """The tokens of each block that stands in no other."""
    block, depth = [], 0
    for token in tokens:
        block.append(token)
        depth += token.nesting
        if depth == 0:
            yield block
            block = []


def _heading(block: list[Token]) -> tuple[int, str]:
    """Level and id of a block that is a heading, else 0 and nothing."""
    head = block[0]
    return (int(head.tag[1]), str(head.attrs["id"])) if head.type == "heading_open" else (0, "")


def _frames(document: Document) -> dict[str, str]:
    """What opens the section around each step and cause, by the id of its heading."""
    if not isinstance(document, Runbook):
        return {}
    steps = {step.section.id: _STEP for step in document.steps}
    return steps | {cause.section.id: '<section class="cause">' for cause in document.causes}


def _prepare(tokens: list[Token], path: str) -> None:
    """Give headings their ids and links their addresses; make tasks of `[ ]`."""
    slugs = outline.Slugs()
    for position, token in enumerate(tokens):
        if align := token.attrs.pop("style", None):  # of a table's cell; pages have no styles
            token.attrJoin("class", str(align).rpartition(":")[2])
        if token.type != "inline":
            continue
        children = token.children or []
        opener = tokens[position - 1]
        if opener.type == "heading_open":
            opener.attrSet("id", slugs.next(outline.plain(children)))
        elif position > 1 and tokens[position - 2].type == "list_item_open":
            token.children = children = _task(tokens[position - 2], children)
        _link(children, path)
        _break_before_fields(children)


def _task(item: Token, children: list[Token]) -> list[Token]:
    """`[ ] words` as a tick box with its label."""
    if not children or not (match := _BOX.match(children[0].content)):
        return children
    item.attrJoin("class", "task")
    children[0].content = children[0].content[match.end() :]
    state = "" if match[1] == " " else " checked"
    box = Token("box", "", 0, content=f'<label><input type="checkbox"{state}> <span>')
    return [box, *children, Token("box", "", 0, content="</span></label>")]


def _link(children: list[Token], path: str) -> None:
    """Write each link's address; one that leads to no page becomes plain words."""
    for position, token in enumerate(children):
        if token.type == "image":
            found = links.resolve(path, str(token.attrGet("src") or ""))
            if found.kind != "page":  # the policy lets no other image load
                words = outline.plain(token.children or [])
                children[position] = Token("text", "", 0, content=words)
        elif token.type == "link_open":
            found = links.resolve(path, str(token.attrGet("href") or ""))
            if found.href:
                token.attrSet("href", found.href)
                continue
            token.tag = "span"
            token.attrs = {"class": "file", "title": found.path} if found.path else {}
            close = next(t for t in children[position:] if t.type == "link_close")
            close.tag = "span"


def _break_before_fields(children: list[Token]) -> None:
    """`**Name**: value` on a line of its own in the text has one on the page."""
    shown = [t for t in children if t.type != "text" or t.content]
    for token, following in pairwise(shown):
        if token.type == "softbreak" and following.type == "strong_open":
            token.type = "hardbreak"
