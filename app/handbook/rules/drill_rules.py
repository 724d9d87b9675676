"""Rule: the results of drills can be read."""

from __future__ import annotations

from collections.abc import Iterator

from app.handbook.documents import drill_results
from app.handbook.documents.library import Library
from app.handbook.rules.finding import Finding


def check(library: Library) -> Iterator[Finding]:
    """Yield a finding if the file of results is damaged; a team may have none."""
    if fault := drill_results.read(library.root).fault:
        yield Finding(drill_results.FILE, 1, "drill-results", f"{fault}: run the drills again")
