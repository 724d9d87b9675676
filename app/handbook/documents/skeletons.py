"""Reads the skeletons of new documents, and their places to fill in."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from app.handbook.documents.document_types import FOLDERS

FOLDER = Path(__file__).parent / "skeleton_files"
PLACE = re.compile(r"<[^<>\n]+>")
FILLED = ("<title>", "<number>", "<date>", "<status>")


@cache
def places() -> frozenset[str]:
    """The places to fill in, `<...>` as written."""
    found: set[str] = set()
    for kind in FOLDERS:
        found.update(PLACE.findall((FOLDER / f"new-{kind}.md").read_text("utf-8")))
    return frozenset(found.difference(FILLED))
