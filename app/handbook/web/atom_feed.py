"""Writes `/feed.xml`: the documents by date, as an Atom feed (RFC 4287)."""

from __future__ import annotations

import datetime
import re
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from app.handbook.documents.document_types import Document
from app.handbook.documents.library import Library
from app.handbook.documents.opening_line import opening_line

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
    dated = [(d.last_updated, d) for d in library if d.last_updated]
    dated.sort(key=lambda item: item[1].title)
    dated.sort(key=lambda item: item[0], reverse=True)
    root = Element("feed", {"xmlns": "http://www.w3.org/2005/Atom"})
    _add(root, "id", f"{service}/feed.xml")
    _add(root, "title", TITLE)
    _add(root, "updated", _time(dated[0][0] if dated else datetime.date.min))
    _add(SubElement(root, "author"), "name", TITLE)
    SubElement(root, "link", {"rel": "self", "href": f"{service}/feed.xml"})
    SubElement(root, "link", {"href": f"{service}/"})
    for date, document in dated[:MOST]:
        _entry(root, document, date, service + document.url)
    indent(root, "")
    return bytes(tostring(root, "utf-8", xml_declaration=True))


def _entry(root: Element, document: Document, date: datetime.date, page: str) -> None:
    entry = SubElement(root, "entry")
    _add(entry, "id", page)
    _add(entry, "title", document.title)
    _add(entry, "updated", _time(date))
    if document.owner:
        _add(SubElement(entry, "author"), "name", document.owner)
    SubElement(entry, "category", {"term": document.kind})
    SubElement(entry, "link", {"href": page})
    markdown = {"rel": "alternate", "type": "text/markdown", "href": f"{page}.md"}
    SubElement(entry, "link", markdown)
    _add(entry, "summary", opening_line(document))


def _add(parent: Element, name: str, words: str) -> None:
    SubElement(parent, name).text = _NOT_XML.sub("\ufffd", words)


def _time(date: datetime.date) -> str:
    return f"{date.isoformat()}T00:00:00Z"
