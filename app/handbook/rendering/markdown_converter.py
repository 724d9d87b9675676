"""Configures Python-Markdown: its tree comes from our tokens, and links lead to our pages.

Imported at the first page instead of at start (see `document_html.warm`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from xml.etree.ElementTree import Element, ElementTree

from markdown import Markdown
from markdown.blockparser import BlockParser
from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString, Registry

from app.handbook.documents import link_targets, markdown_parser
from app.handbook.rendering import code_blocks
from app.handbook.rendering.code_highlighting import code
from app.handbook.rendering.token_tree import TokenTree

HasImage = Callable[[str], bool]
"""Whether there is an image at a path, relative to the parent of the documents' folders."""


def make(
    path: str,
    ids: Mapping[int, str],
    has_image: HasImage,
    arrange: Callable[[Element], None],
    *,
    prefix: str,
    grafana_url: str,
) -> Markdown:
    """Make a converter for one text, to be used by one thread at a time.

    Args:
        path: of the document, to which links are relative.
        ids: of its headings, by line.
        has_image: tells which images can be shown.
        arrange: changes the finished tree in place.
        prefix: the service's URL_PREFIX.
        grafana_url: where dashboards are, or empty.
    """
    markdown = Markdown()
    markdown.preprocessors = Registry()
    markdown.parser = _Parser(markdown, ids, grafana_url)
    markdown.treeprocessors = Registry()
    markdown.treeprocessors.register(_Links(markdown, path, has_image, prefix), "links", 20)
    markdown.treeprocessors.register(_Frames(markdown, arrange), "frames", 10)
    return markdown


class _Parser(BlockParser):
    """Reads the text as every other part of the handbook does."""

    def __init__(self, markdown: Markdown, ids: Mapping[int, str], grafana_url: str) -> None:
        super().__init__(markdown)
        self.ids = ids
        self.grafana_url = grafana_url

    def parseDocument(self, lines: Iterable[str]) -> ElementTree:  # noqa: N802
        tree = TokenTree(self.ids, self._code_block)
        tree.add(markdown_parser.parse("\n".join(lines))[0])
        return ElementTree(tree.root)

    def _code_block(self, text: str, info: str) -> Element:
        language = next(iter(info.split()), "")
        if language == "dashboard":
            return code_blocks.dashboard(text.strip(), self.grafana_url)
        html = self.md.htmlStash.store(code(text, language).rstrip("\n"))
        return code_blocks.code_block(html, info)


class _Links(Treeprocessor):
    """Resolves links and images."""

    def __init__(self, markdown: Markdown, path: str, has_image: HasImage, prefix: str) -> None:
        super().__init__(markdown)
        self.path = path
        self.has_image = has_image
        self.prefix = prefix

    def run(self, root: Element) -> None:
        linked = {image for link in root.iter("a") for image in link.iter("img")}
        for image in list(root.iter("img")):
            self._image(image, linked=image in linked)
        for link in list(root.iter("a")):
            self._link(link)

    def _link(self, link: Element) -> None:
        """Write a link's address; a link without a page becomes plain text."""
        found = link_targets.resolve(self.path, link.get("href", ""))
        if found.href and (found.kind != "image" or self.has_image(found.path)):
            link.set("href", self._address(found))
            return
        link.tag = "span"
        link.attrib.clear()
        if found.path:
            link.attrib.update({"class": "file", "title": found.path})

    def _image(self, image: Element, *, linked: bool) -> None:
        """Show an image of our own; the policy forbids others, which become links or words."""
        found = link_targets.resolve(self.path, image.get("src", ""))
        if found.kind == "page" or (found.kind == "image" and self.has_image(found.path)):
            image.set("src", self._address(found))
            return
        image.text = AtomicString(image.get("alt") or "Image")
        image.attrib.clear()
        if found.kind == "outside" and not linked:
            image.tag = "a"
            image.set("href", found.href)
        else:
            image.tag = "span"

    def _address(self, target: link_targets.LinkTarget) -> str:
        """Write the prefix before addresses of this service; other sites and fragments stay."""
        return self.prefix + target.href if target.href.startswith("/") else target.href


class _Frames(Treeprocessor):
    """Frames tables, puts variants of commands into tabs, and arranges the finished tree."""

    def __init__(self, markdown: Markdown, arrange: Callable[[Element], None]) -> None:
        super().__init__(markdown)
        self.arrange = arrange

    def run(self, root: Element) -> None:
        for parent, position, child in list(_pairs(root)):
            if child.tag == "table":
                _frame(parent, position, child)
        code_blocks.join_places(root)
        self.arrange(root)


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
