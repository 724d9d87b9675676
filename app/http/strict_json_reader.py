"""Reads JSON thoroughly, and says what is wrong and where."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from math import isinf
from typing import Any

MAX_DIGITS = 400
"""More digits than any double needs, which has at most 309 before the point."""

MAX_DEPTH = 100
"""Deeper than any valid body; refused before Python's recursion limit."""


class JSONError(ValueError):
    """The body is not valid JSON.

    Attributes:
        detail: what is wrong, for the caller.
        pointer: the JSON pointer (RFC 6901) of the wrong value, or None if the text breaks off
            before it has a structure.
    """

    def __init__(self, detail: str, pointer: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.pointer = pointer


class _Refused:
    """Replaces a refused value in the parsed tree."""

    __slots__ = ("detail",)

    def __init__(self, detail: str) -> None:
        self.detail = detail


class _Duplicated(dict[str, Any]):
    """An object with a duplicate member; `name` is the first duplicate."""

    name = ""


class _Reader:
    """The parser's hooks; `suspect` says that the tree contains a refused value."""

    def __init__(self) -> None:
        self.suspect = False

    def parse(self, text: str) -> Any:
        return json.loads(
            text,
            object_pairs_hook=self.members,
            parse_int=self.integer,
            parse_float=self.real,
            parse_constant=self.constant,
        )

    def members(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            self.suspect = True
            found = _Duplicated(found)
            seen: set[str] = set()
            found.name = next(n for n, _ in pairs if n in seen or seen.add(n))  # type: ignore[func-returns-value]
        return found

    def integer(self, digits: str) -> int | _Refused:
        if len(digits) > MAX_DIGITS:
            return self.refuse(
                f"A number of {len(digits)} digits; at most {MAX_DIGITS} are allowed"
            )
        return int(digits)

    def real(self, digits: str) -> float | _Refused:
        value = float(digits)
        if isinf(value) or len(digits) > MAX_DIGITS:
            return self.refuse("A number beyond the range or precision of a double")
        return value

    def constant(self, name: str) -> _Refused:
        return self.refuse(f"{name} is not JSON; give a number, or null if it is unknown")

    def refuse(self, detail: str) -> _Refused:
        self.suspect = True
        return _Refused(detail)


_NESTED = frozenset((dict, list, _Duplicated))


def count_members(value: Any) -> int:
    """Count the members of all objects in a tree; -1 if it is deeper than MAX_DEPTH."""
    members, level = 0, [value] if type(value) in _NESTED else []
    for _ in range(MAX_DEPTH):
        below: list[Any] = []
        for found in level:
            values = found
            if type(found) is not list:
                members += len(found)
                values = found.values()
            if not _NESTED.isdisjoint(map(type, values)):
                below += [inner for inner in values if type(inner) in _NESTED]
        if not below:
            return members
        level = below
    return -1


def read_thoroughly(body: bytes) -> Any:
    """Parse a body that may be invalid.

    Raises:
        JSONError: says what is wrong and where.
    """
    reader = _Reader()
    try:
        text = body.decode("utf-8")
        value = reader.parse(text)
    except UnicodeDecodeError as error:
        raise JSONError(f"The body is not UTF-8: byte {error.start} cannot be decoded") from None
    except json.JSONDecodeError as error:
        raise JSONError(f"{error.msg} at line {error.lineno}, column {error.colno}") from None
    except RecursionError:
        raise JSONError(_too_deep(text)) from None
    if count_members(value) < 0:
        raise JSONError(_too_deep(text))
    if reader.suspect or "\\u" in text:
        for place, detail in _faults(value):
            raise JSONError(detail, place)
    return value


def pointer(*path: str | int) -> str:
    """Return the JSON pointer (RFC 6901) of a path of member names and indexes."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


def _faults(value: object, *path: str | int) -> Iterator[tuple[str, str]]:
    """Yield pointer and detail of every refused value at `path`; no deeper than MAX_DEPTH."""
    if isinstance(value, _Refused):
        yield pointer(*path), value.detail
    elif isinstance(value, str):
        if not _storable(value):
            yield pointer(*path), "Text with a NUL or half of a surrogate pair cannot be stored"
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _faults(inner, *path, index)
    elif isinstance(value, dict):
        if isinstance(value, _Duplicated):
            yield pointer(*path, _printable(value.name)), "The same name occurs here twice"
        if not all(map(_storable, value)):
            yield pointer(*path), "A name with a NUL or half of a surrogate pair"
        for name, inner in value.items():
            yield from _faults(inner, *path, _printable(name))


def _storable(text: str) -> bool:
    return "\x00" not in text and not any("\ud800" <= c <= "\udfff" for c in text)


def _printable(name: str) -> str:
    return name.encode("utf-8", "backslashreplace").decode("utf-8")[:100]


_STRUCTURE = re.compile(r'"(?:[^"\\]|\\.)*"?|[][{}]', re.DOTALL)
"""Matches texts, and brackets outside of them."""


def _too_deep(text: str) -> str:
    """Find where a text first nests deeper than MAX_DEPTH."""
    depth = 0
    for found in _STRUCTURE.finditer(text):
        if found[0] in "]}":
            depth -= 1
        elif found[0] in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                return f"Nested deeper than {MAX_DEPTH} levels at character {found.start() + 1}"
    return f"Nested deeper than {MAX_DEPTH} levels"
