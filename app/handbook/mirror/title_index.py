"""The mirror's search index: a script, because a page of a folder may not fetch."""

from __future__ import annotations

import json
from collections.abc import Callable

from app.handbook.documents.library import Library
from app.handbook.search import search_entries
from app.http.problems import PROBLEM_TYPES


def script(library: Library, href: Callable[[str], str | None]) -> str:
    """Return a script with titles, headings and names of alerts, an entry a line.

    Args:
        library: the documents.
        href: returns an address relative to the mirror's root, or None for a page that it lacks.
    """
    entries = [*search_entries.documents(library), *search_entries.cards(library)]
    entries += search_entries.experiments(library)
    entries += search_entries.problems(PROBLEM_TYPES)
    lines = []
    for entry in entries:
        url = href(entry.url)
        if url is not None:
            values = (entry.kind, entry.title, entry.heading, entry.names, url)
            lines.append(json.dumps(values, ensure_ascii=False))
    return "window.titleIndex = [\n" + ",\n".join(lines) + "\n];\n"
