"""Reads JSON strictly by RFC 8259, and refuses what Python's parser accepts, with its place.

Python's parser accepts duplicate keys (the last one wins), NaN and Infinity, numbers that overflow
to infinity, and escapes that no database can store. It raises ValueError for an integer of
thousands of digits and RecursionError for deep nesting. orjson is faster and refuses most of that,
but accepts duplicates; its result is used if the body cannot contain any.
"""

from __future__ import annotations

from typing import Any

import orjson

from app.http.strict_json_reader import count_members, read_thoroughly


def loads(body: bytes) -> Any:
    """Parse a request body.

    Raises:
        JSONError: says what is wrong and where.
    """
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        return read_thoroughly(body)
    return value if _plain(body, value) else read_thoroughly(body)


_DIGITS = bytes.maketrans(b"123456789", b"000000000")
_LONG = b"0" * 19
"""The digits of a 64-bit integer; orjson reads a longer one as a double."""


def _plain(body: bytes, value: object) -> bool:
    """Whether orjson, which read `value`, cannot have accepted anything that must be refused.

    There are no escapes and no long numbers. There are as many colons as members, so no member was
    dropped as a duplicate; each member has one colon, and texts may have more.
    """
    return (
        b"\\" not in body
        and body.count(b":") == count_members(value)
        and _LONG not in body.translate(_DIGITS)
    )
