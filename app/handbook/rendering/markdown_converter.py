"""Configures Python-Markdown: no raw HTML, marks replaced by their pieces, links resolved.

Imported at the first page instead of at start (see `document_html.warm`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any
from xml.etree.ElementTree import Element, SubElement

from markdown import Markdown
from markdown.blockprocessors import BlockProcessor, HashHeaderProcessor
from markdown.inlinepatterns import InlineProcessor
from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString

from app.handbook.documents import link_targets
from app.handbook.documents.outline import Fence
from app.handbook.documents.outline_reader import overlong
from app.handbook.rendering.code_highlighting import code, code_block
from app.handbook.rendering.github_dialect import CLOSE, OPEN, Piece

_BOX = re.compile(r"\[([ xX])\][ \t\n]+(?=\S)")
_MARK = re.compile(rf"{OPEN}(\d+){CLOSE}\Z")


def make(path: str, pieces: list[Piece], arrange: Callable[[Element], None]) -> Markdown:
    """Make a converter for one text, to be used by one thread at a time.

    Args:
        path: of the document, to which links are relative.
        pieces: replace the marks of `github_dialect`.
        arrange: changes the finished tree in place.
    """
    markdown = Markdown(
        extensions=[
            "sane_lists",
            "tables",
            "pymdownx.betterem",
            "pymdownx.escapeall",
            "pymdownx.tilde",
        ],
        extension_configs={
            "tables": {"use_align_attribute": True},
            "pymdownx.escapeall": {"hardbreak": True},
            "pymdownx.tilde": {"subscript": False},
        },
    )
    markdown.preprocessors.deregister("html_block")
    for name in ("html", "automail"):
        markdown.inlinePatterns.deregister(name)
    markdown.inlinePatterns.register(_Comment(r"<!--(?s:.{0,1000}?)-->", markdown), "comment", 95)
    blocks = markdown.parser.blockprocessors
    blocks.deregister("setextheader")
    blocks.register(_Heading(markdown.parser), "hashheader", 70)
    blocks.register(_Pieces(markdown, pieces), "pieces", 200)
    trees = markdown.treeprocessors
    trees.register(_Before(markdown), "before", 30)
    trees.register(_After(markdown, path, arrange), "after", -1)
    return markdown


class _Comment(InlineProcessor):
    """Removes comments, which are notes to writers."""

    def handleMatch(  # type: ignore[override]  # noqa: N802
        self, m: re.Match[str], _data: str
    ) -> tuple[str, int, int]:
        return "", m.start(0), m.end(0)


class _Heading(HashHeaderProcessor):
    """Headings in lists and quotations; like GitHub, requires a blank after the signs."""

    RE = re.compile(r"(?:^|\n)(?P<level>#{1,6})(?P<header>(?:[ ][^\n]*)?)(?:\n|$)")


class _Pieces(BlockProcessor):
    """Replaces marks by their headings and fenced blocks."""

    def __init__(self, markdown: Markdown, pieces: list[Piece]) -> None:
        super().__init__(markdown.parser)
        self.stash = markdown.htmlStash
        self.pieces = pieces

    def test(self, _parent: Element, block: str) -> bool:
        return bool(_MARK.match(block.rstrip()))

    def run(self, parent: Element, blocks: list[str]) -> None:
        match = _MARK.match(blocks.pop(0).rstrip())
        piece = self.pieces[int(match[1])]  # type: ignore[index]
        if isinstance(piece, Fence):
            shown = self.stash.store(code(piece.text, piece.language).rstrip("\n"))
            parent.append(code_block(shown, piece.language))
        else:
            SubElement(parent, f"h{piece.level}", id=piece.id).text = piece.markup


class _Before(Treeprocessor):
    """Makes tick boxes, and protects text that is too long to look for links."""

    def run(self, root: Element) -> None:
        for element in root.iter():
            if element.text and overlong(element.text):
                element.text = AtomicString(element.text)
            if element.tail and overlong(element.tail):
                element.tail = AtomicString(element.tail)
        for item in list(root.iter("li")):
            _task(item)


def _task(item: Element) -> None:
    """Turn `[ ] words` into a tick box with its label."""
    inner = item[0] if not (item.text or "").strip() and len(item) and item[0].tag == "p" else item
    match = _BOX.match(inner.text or "")
    if not match:
        return
    label = Element("label")
    box = SubElement(label, "input", type="checkbox")
    if match[1] != " ":
        box.set("checked", "")
    words = SubElement(label, "span")
    words.text = type(inner.text)(inner.text[match.end() :])  # type: ignore[index,misc]
    inner.text = None
    inner.insert(0, label)
    item.set("class", "task")


class _After(Treeprocessor):
    """Resolves links, and frames tables and code, in the finished tree."""

    def __init__(self, markdown: Markdown, path: str, arrange: Callable[[Element], None]) -> None:
        super().__init__(markdown)
        self.path = path
        self.arrange = arrange

    def run(self, root: Element) -> None:
        for parent, position, child in list(_pairs(root)):
            if child.tag == "a":
                self._link(child)
            elif child.tag == "img":
                self._image(child)
            elif child.tag in ("td", "th") and (align := child.attrib.pop("align", None)):
                child.set("class", align)
            elif child.tag == "table":
                _frame(parent, position, child)
            elif child.tag == "pre" and parent.get("class") != "code":
                parent[position] = code_block((child[0].text or "") if len(child) else "", "")
                parent[position].tail = child.tail
        self.arrange(root)

    def _link(self, link: Element) -> None:
        """Write a link's address; a link without a page becomes plain text."""
        found = link_targets.resolve(self.path, link.get("href", ""))
        if found.href:
            link.set("href", found.href)
            return
        link.tag = "span"
        link.attrib.clear()
        if found.path:
            link.attrib.update({"class": "file", "title": found.path})

    def _image(self, image: Element) -> None:
        """Replace images from elsewhere by their text; the policy allows only our own."""
        if link_targets.resolve(self.path, image.get("src", "")).kind != "page":
            image.tag, image.text = "span", AtomicString(image.get("alt", ""))
            image.attrib.clear()


def _frame(parent: Element, position: int, table: Element) -> None:
    """Put a table into a frame that scrolls and that the keyboard can reach."""
    frame = Element(
        "div", {"class": "table", "role": "group", "aria-label": "Table", "tabindex": "0"}
    )
    frame.tail, table.tail = table.tail, None
    parent[position] = frame
    frame.append(table)


def _pairs(root: Element) -> Iterator[tuple[Element, int, Any]]:
    for parent in root.iter():
        for position, child in enumerate(parent):
            yield parent, position, child
