"""Finds what a line of a log says, so that a line may be pasted into the search."""

from __future__ import annotations

import re

LONGEST = 4000
"""Characters of a query that are read."""

_FIELD = re.compile(r'"(?:message|traceback|detail|type|title)"\s*:\s*"((?:[^"\\]|\\.)*)')
_HEAD = re.compile(
    r"\[[^\]]*\]"  # [2026-11-29 10:00:00 +0000] [7] [CRITICAL]
    r"|\d{4}-\d\d-\d\d[T ][\d:.,]+(?:Z|[+-]\d\d:?\d\d)?"
    r"|\b\d\d:\d\d:\d\d(?:[.,]\d+)?\b"
    r"|\b(?:\d{1,3}\.){3}\d{1,3}\b"
    r"|\b[0-9a-f]{8}(?:-?[0-9a-f]{4,12}){2,}\b"  # ids of requests
    r"|\b(?:pid|port):? ?\d+",
    re.I,
)


def telling(query: str) -> str:
    """Return the message of a log's line without times, ids and addresses; or the query as it is.

    Of a traceback, it is the last line: the error.
    """
    query = query[:LONGEST].strip()
    if query.startswith("{") and (found := _FIELD.findall(query)):
        lines = [part.replace('\\"', '"').replace("\\n", "\n").strip() for part in found]
        query = " ".join(part.split("\n")[-1] for part in lines)
    elif "Traceback (most recent call last)" in query:
        query = query.split("\n")[-1]
    return _HEAD.sub(" ", query) if " " in query else query
