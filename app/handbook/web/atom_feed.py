"""Writes `/feed.xml`: documents and experiments by date, as an Atom feed (RFC 4287)."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from app.handbook.documents import experiment_list
from app.handbook.documents.document_types import Document
from app.handbook.documents.library import Library
from app.handbook.documents.opening_line import opening_line, shortened

MOST = 50
"""Entries of a feed."""

TITLE = "Churn handbook"

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no XML document may have."""


def feed(library: Library, service: str) -> bytes:
    """Return the feed: documents with a date, the newest first.

    Args:
        library: the documents.
        service: its address, which the entries' ids begin with.
    """
    found = (_document(document) for document in library)
    dated = [entry for entry in found if entry] + list(_experiments(library))
    dated.sort(key=lambda entry: entry.title)
    dated.sort(key=lambda entry: entry.date, reverse=True)
    root = Element("feed", {"xmlns": "http://www.w3.org/2005/Atom"})
    _add(root, "id", f"{service}/feed.xml")
    _add(root, "title", TITLE)
    _add(root, "updated", _time(dated[0].date if dated else datetime.date.min))
    _add(SubElement(root, "author"), "name", TITLE)
    SubElement(root, "link", {"rel": "self", "href": f"{service}/feed.xml"})
    SubElement(root, "link", {"href": f"{service}/"})
    for entry in dated[:MOST]:
        _add_entry(root, entry, service + entry.url)
    indent(root, "")
    return bytes(tostring(root, "utf-8", xml_declaration=True))


@dataclass(frozen=True)
class _Entry:
    date: datetime.date
    kind: str
    title: str
    url: str
    owner: str
    summary: str


def _document(document: Document) -> _Entry | None:
    date = document.last_updated
    about = document.kind, document.title, document.url, document.owner
    return _Entry(date, *about, opening_line(document)) if date else None


def _experiments(library: Library) -> Iterator[_Entry]:
    for found in experiment_list.experiments(library):
        if found.date:
            about = found.title, found.url, found.owner
            yield _Entry(found.date, "experiment", *about, shortened(found.question))


def _add_entry(root: Element, found: _Entry, page: str) -> None:
    entry = SubElement(root, "entry")
    _add(entry, "id", page)
    _add(entry, "title", found.title)
    _add(entry, "updated", _time(found.date))
    if found.owner:
        _add(SubElement(entry, "author"), "name", found.owner)
    SubElement(entry, "category", {"term": found.kind})
    SubElement(entry, "link", {"href": page})
    markdown = {"rel": "alternate", "type": "text/markdown", "href": f"{page}.md"}
    SubElement(entry, "link", markdown)
    _add(entry, "summary", found.summary)


def _add(parent: Element, name: str, words: str) -> None:
    SubElement(parent, name).text = _NOT_XML.sub("\ufffd", words)


def _time(date: datetime.date) -> str:
    return f"{date.isoformat()}T00:00:00Z"
