"""Finds the ids of rendered pages, to which a `#fragment` can lead."""

from __future__ import annotations

from html.parser import HTMLParser

from app.handbook.documents.library import Library
from app.handbook.rendering import document_html


class Anchors:
    """The ids of each document's page, which is rendered at the first request.

    The page's HTML shows which ids exist; a table of headings only which should.
    """

    def __init__(self, library: Library) -> None:
        self._library = library
        self._ids: dict[str, frozenset[str]] = {}

    def __getitem__(self, path: str) -> frozenset[str]:
        """Return the ids on the page of the document at `path`."""
        if path not in self._ids:
            document = self._library.by_path[path]
            title = frozenset(filter(None, [document.heading_id]))  # from the page around the text
            self._ids[path] = ids(document_html.render(document).html) | title
        return self._ids[path]


def ids(html: str) -> frozenset[str]:
    """Return every id in a piece of HTML."""
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
