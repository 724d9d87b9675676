"""The ids of the pages as they are rendered: what a `#fragment` can lead to."""

from __future__ import annotations

from html.parser import HTMLParser

from app.handbook.documents.library import Library
from app.handbook.rendering import document_html


class Anchors:
    """The ids of each document's page; a page is rendered when it is first asked for.

    A table of headings would say what ids ought to be there. The page's HTML says which are.
    """

    def __init__(self, library: Library) -> None:
        self._library = library
        self._ids: dict[str, frozenset[str]] = {}

    def __getitem__(self, path: str) -> frozenset[str]:
        """The ids on the page of the document at `path`."""
        if path not in self._ids:
            document = self._library.by_path[path]
            title = frozenset(filter(None, [document.heading_id]))  # the page's own, above the text
            self._ids[path] = ids(document_html.render(document).html) | title
        return self._ids[path]


def ids(html: str) -> frozenset[str]:
    """Every id in a piece of HTML."""
    finder = _Ids()
    finder.feed(html)
    finder.close()
    return frozenset(finder.found)


class _Ids(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, _tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if name == "id" and value]
