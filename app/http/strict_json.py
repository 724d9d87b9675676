"""JSON as RFC 8259 means it: what Python's parser lets through is refused, with its place.

The standard parser accepts duplicate keys (the last one wins), NaN and Infinity, numbers that
overflow to infinity and escapes that no database can store; it raises ValueError for an integer
of thousands of digits and RecursionError for deep nesting. orjson is quicker and refuses most of
that, but takes duplicates too: what it reads counts where nothing can be amiss.
"""

from __future__ import annotations

from typing import Any

import orjson

from app.http.strict_json_reader import count_members, read_thoroughly


def loads(body: bytes) -> Any:
    """Parse a request body.

    Raises:
        JSONError: saying what is wrong and where.
    """
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        return read_thoroughly(body)
    return value if _plain(body, value) else read_thoroughly(body)


_DIGITS = bytes.maketrans(b"123456789", b"000000000")
_LONG = b"0" * 19
"""As many digits as an integer of 64 bits has; orjson reads a longer one as a double."""


def _plain(body: bytes, value: Any) -> bool:
    """Whether orjson, which read `value`, can have passed over nothing that is to be refused.

    No escape, and so none to refuse. As many colons as members: each member has one and texts may
    have others, so none was dropped for another of its name. And no number is long.
    """
    return (
        b"\\" not in body
        and body.count(b":") == count_members(value)
        and _LONG not in body.translate(_DIGITS)
    )
