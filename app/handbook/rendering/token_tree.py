"""Makes the elements of a page from the tokens of a document."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement

from app.handbook.documents.outline_reader import COMMENT, plain

if TYPE_CHECKING:
    from markdown_it.token import Token

_ALIGNMENT = re.compile(r"text-align:(\w+)")
_ATTRIBUTES = ("href", "start", "title")
"""Of links and lists."""

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_RESERVED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
"""Control characters: Python-Markdown marks its own places with two of them."""


class TokenTree:
    """Builds the tree in one pass over the tokens.

    Args:
        ids: of the headings, by line.
        code_block: makes the element of a block of code from its text and info string.
    """

    def __init__(self, ids: Mapping[int, str], code_block: Callable[[str, str], Element]) -> None:
        self.root = Element("div")
        self._ids = ids
        self._code_block = code_block
        self._open = [self.root]
        self._done: bool | None = None
        """Whether the task that begins here is done; None outside of one."""

    def add(self, tokens: Sequence[Token]) -> None:
        """Add elements; the tokens close each element that they open."""
        for token in tokens:
            if make := _MAKERS.get(token.type):
                make(self, token)
            elif token.hidden:  # a paragraph in a list without blank lines
                self._write("\n")
            elif token.nesting == 1:
                self._start(token.tag, **{name: token.attrGet(name) for name in _ATTRIBUTES})
            elif token.nesting == -1:
                self._open.pop()

    def _start(self, tag: str, **attributes: str | float | None) -> Element:
        element = self._append(tag, **attributes)
        self._open.append(element)
        return element

    def _append(self, tag: str, **attributes: str | float | None) -> Element:
        written = {k: _safe(str(v)) for k, v in attributes.items() if v is not None}
        return SubElement(self._open[-1], tag, written)

    def _write(self, text: str) -> None:
        """Add text behind what the open element has."""
        parent = self._open[-1]
        if len(parent):
            parent[-1].tail = (parent[-1].tail or "") + _safe(text)
        else:
            parent.text = (parent.text or "") + _safe(text)

    def _text(self, token: Token) -> None:
        self._write(token.content)

    def _softbreak(self, _token: Token) -> None:
        self._write("\n")

    def _empty(self, token: Token) -> None:
        self._append(token.tag)

    def _code_inline(self, token: Token) -> None:
        self._append("code").text = _safe(token.content)

    def _heading(self, token: Token) -> None:
        known = self._ids.get(token.map[0] + 1) if token.level == 0 and token.map else None
        self._start(token.tag, id=known)

    def _item(self, token: Token) -> None:
        self._done = token.meta.get("done")
        self._start("li").attrib.update({"class": "task"} if "done" in token.meta else {})

    def _cell(self, token: Token) -> None:
        match = _ALIGNMENT.match(str(token.attrGet("style") or ""))
        self._start(token.tag, **{"class": match[1] if match else None})

    def _alert(self, token: Token) -> None:
        self._start("div", role="note", **{"class": f"remark remark-{token.info.lower()}"})

    def _alert_title(self, _token: Token) -> None:
        self._start("p", **{"class": "label"})

    def _code(self, token: Token) -> None:
        self._open[-1].append(self._code_block(token.content, token.info))

    def _html(self, token: Token) -> None:
        """Raw HTML is text, and comments are notes to writers."""
        if COMMENT.match(token.content):
            return
        if token.block:
            self._append("p").text = _safe(token.content)
        else:
            self._write(token.content)

    def _inline(self, token: Token) -> None:
        if self._done is None:
            self._words(token.children or [])
            return
        self._start("label")
        self._append("input", type="checkbox", checked="" if self._done else None)
        self._done = None
        self._start("span")
        self._words(token.children or [])
        del self._open[-2:]

    def _words(self, children: list[Token]) -> None:
        """Add a paragraph's words; in one of fields, each keeps its own line."""
        of_fields = self._open[-1].tag not in _HEADINGS and _begins_field(children)
        for position, token in enumerate(children):
            breaks = token.type == "softbreak" and of_fields
            if breaks and _begins_field(children[position + 1 :]):
                self._append("br")
            else:
                self.add([token])

    def _image(self, token: Token) -> None:
        image = self._append("img", src=token.attrGet("src"), title=token.attrGet("title"))
        image.set("alt", _safe(plain(token.children or [])))

    def _footnote_mark(self, token: Token) -> None:
        number, place = token.meta["id"] + 1, _place(token)
        self._start("sup")
        self._append("a", id=f"fnref-{place}", href=f"#fn-{number}").text = str(number)
        self._open.pop()

    def _footnotes(self, _token: Token) -> None:
        self._start("ol", **{"class": "footnotes"})

    def _footnote(self, token: Token) -> None:
        self._start("li", id=f"fn-{token.meta['id'] + 1}")

    def _footnote_back(self, token: Token) -> None:
        self._write(" ")
        self._append("a", href=f"#fnref-{_place(token)}", title="Back to the text").text = "↩"


def _place(token: Token) -> str:
    """Return the number of a footnote, with the number of the place that refers to it."""
    again = token.meta["subId"]
    return f"{token.meta['id'] + 1}-{again + 1}" if again else str(token.meta["id"] + 1)


def _begins_field(children: list[Token]) -> bool:
    """Whether `**Name**:` or `**Name:**` comes first."""
    tokens = [token for token in children if token.type != "text" or token.content]
    if not tokens or tokens[0].type != "strong_open":
        return False
    end = next(n for n, token in enumerate(tokens) if token.type == "strong_close")
    behind = plain(tokens[end + 1 : end + 2])
    return plain(tokens[:end]).endswith(":") or behind.startswith(":")


def _safe(text: str) -> str:
    """Return text for Python-Markdown's tree, which takes `&lt;` for a sign that is escaped."""
    return _RESERVED.sub("\ufffd", text).replace("&", "&amp;")


_MAKERS: Mapping[str, Callable[[TokenTree, Token], None]] = {
    "alert_open": TokenTree._alert,
    "alert_title_open": TokenTree._alert_title,
    "code_block": TokenTree._code,
    "code_inline": TokenTree._code_inline,
    "fence": TokenTree._code,
    "footnote_anchor": TokenTree._footnote_back,
    "footnote_block_open": TokenTree._footnotes,
    "footnote_open": TokenTree._footnote,
    "footnote_ref": TokenTree._footnote_mark,
    "hardbreak": TokenTree._empty,
    "heading_open": TokenTree._heading,
    "hr": TokenTree._empty,
    "html_block": TokenTree._html,
    "html_inline": TokenTree._html,
    "image": TokenTree._image,
    "inline": TokenTree._inline,
    "list_item_open": TokenTree._item,
    "softbreak": TokenTree._softbreak,
    "td_open": TokenTree._cell,
    "text": TokenTree._text,
    "th_open": TokenTree._cell,
}
"""What is made of each type of token; other elements have their tag and nothing else."""
