"""Rule: a document has the sections of its kind, and none is empty."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from app.handbook.documents.document_types import Document
from app.handbook.rules.finding import Finding


def check(document: Document, titles: Iterable[str]) -> Iterator[Finding]:
    """Yield a finding for each section that is missing or empty."""
    for title in titles:
        section = document.section(title)
        if section is None:
            yield Finding(document.path, 1, "section", f"no section `## {title}`: add it")
        elif not section.text:
            yield Finding(document.path, section.line, "section", f"`{title}` is empty: fill it in")
