"""Lists what a schema refused, each fault with its place and value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from app.http.strict_json_reader import pointer

MAX_FAULTS = 100
"""Faults that an answer lists; it counts all."""

MAX_SHOWN = 100
"""Characters of a refused text that the answer repeats."""


def body_faults(messages: Any, body: Any) -> tuple[list[dict[str, Any]], int]:
    """List what a schema refused in a body: pointer, detail, and the value if it is short.

    Args:
        messages: of a marshmallow ValidationError.
        body: what was loaded.

    Returns:
        The first MAX_FAULTS faults, and the number of all.
    """
    faults = []
    found_at = _flatten(messages, body)
    for path, detail in islice(found_at, MAX_FAULTS):
        faults.append(shown_fault(path, detail, _find(body, path)))
    return faults, len(faults) + sum(1 for _ in found_at)


def shown_fault(path: tuple[str | int, ...], detail: str, value: Any) -> dict[str, Any]:
    """Describe a fault as an answer lists it; Ellipsis means that no value was sent."""
    fault: dict[str, Any] = {"pointer": pointer(*path), "detail": detail}
    if isinstance(value, str) and len(value) > MAX_SHOWN:
        value = value[:MAX_SHOWN] + "…"
    if not isinstance(value, dict | list) and value is not ...:
        fault["value"] = value
    return fault


def parameter_faults(messages: Any, query: Mapping[str, str]) -> list[dict[str, Any]]:
    """List what a schema refused in a query: parameter, detail and value."""
    return [
        {"parameter": str(name), "detail": detail, "value": query.get(str(name), "")[:MAX_SHOWN]}
        for (name, *_), detail in _flatten(messages, query)
    ]


def _flatten(
    messages: Any, sent: Any, path: tuple[str | int, ...] = ()
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """List marshmallow's nested messages as (path, message).

    Faults of an object as a whole are under `_schema`, which may also be a name that was sent.
    """
    if isinstance(messages, dict):
        for key, below in messages.items():
            whole = key == "_schema" and _find(sent, (*path, key)) is ...
            yield from _flatten(below, sent, path if whole else (*path, key))
    else:
        for message in messages:
            yield path, str(message)


def _find(body: Any, path: tuple[str | int, ...]) -> Any:
    """Return the value at a path, or Ellipsis if none was sent."""
    for step in path:
        try:
            body = body[step]
        except (KeyError, IndexError, TypeError):
            return ...
    return body
