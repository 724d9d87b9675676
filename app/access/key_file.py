"""The file of API keys: name, scopes, and the digest of each key.

A key is 32 random bytes, so a plain SHA-256 is enough: nobody can guess it, and a slow hash would
only slow each request.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import yaml

from app.access.scopes import ANY, SCOPES
from app.writing.atomic_files import atomic_write, save
from app.writing.unfinished_folders import sweep

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z")
_DIGEST = re.compile(r"[0-9a-f]{64}\Z")
_ODD = (ValueError, LookupError, AttributeError, TypeError, RecursionError)
"""Raised by YAML's constructors for values such as `!!timestamp x`."""

_HEAD = "# API keys, written by `churn keys`. Only digests: the keys can't be read from here.\n"


class KeysError(ValueError):
    """The key file cannot be used; the message names file and line, never a digest."""


@dataclass(frozen=True)
class Key:
    """One entry of the file."""

    name: str
    scopes: frozenset[str]
    digest: bytes = field(repr=False)
    """SHA-256 of the key."""
    created: date


def load(path: Path) -> tuple[Key, ...]:
    """Read a key file.

    Raises:
        KeysError: names the file, the line and what to give.
    """
    try:
        loader = yaml.SafeLoader(path.read_bytes())
        node = loader.get_single_node()
        entries = loader.construct_document(node) if node else None
    except FileNotFoundError as error:
        raise KeysError(f"{path}: {error.strerror}; churn keys new makes it") from None
    except OSError as error:
        raise KeysError(f"{path}: {error.strerror}") from None
    except (yaml.YAMLError, *_ODD) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}: " if mark else ""
        raise KeysError(f"{path}: {where}not YAML") from None
    if node is None or not isinstance(entries, list):
        raise KeysError(f"{path}: line 1: give a list of keys, or [] if there are none")
    keys: dict[str, Key] = {}
    for entry, place in zip(entries, node.value, strict=True):
        if fault := _fault(entry, keys):
            raise KeysError(f"{path}: line {place.start_mark.line + 1}: {fault}")
        digest = bytes.fromhex(entry["sha256"])
        keys[entry["name"]] = Key(
            entry["name"], frozenset(entry["scopes"]), digest, entry["created"]
        )
    return tuple(keys.values())


def add(
    path: Path, name: str, scopes: tuple[str, ...], show: Callable[[str], object] = lambda _: None
) -> str:
    """Make a key, store its digest and return the key, which is stored nowhere.

    Args:
        path: of the file.
        name: of the holder.
        scopes: what the key allows.
        show: called with the key before it counts; one that nobody has seen never does.

    Raises:
        KeysError: the name or the file cannot be used, or raised by `show`.
    """
    presented = f"churn_{secrets.token_urlsafe(32)}"
    key = Key(name, frozenset(scopes), digest_of(presented), datetime.now(UTC).date())

    def change(keys: tuple[Key, ...]) -> tuple[Key, ...]:
        if fault := _fault(_entry(key), {other.name: other for other in keys}):
            raise KeysError(f"{path}: {fault}")
        return (*keys, key)

    _rewrite(path, change, lambda: show(presented))
    return presented


def revoke(path: Path, name: str) -> None:
    """Remove a key from the file.

    Raises:
        KeysError: there is no key of that name, or the file cannot be used.
    """

    def change(keys: tuple[Key, ...]) -> tuple[Key, ...]:
        if name not in {key.name for key in keys}:
            raise KeysError(f"{path}: there is no key named {name}")
        return tuple(key for key in keys if key.name != name)

    _rewrite(path, change, lambda: None)


def _rewrite(
    path: Path,
    change: Callable[[tuple[Key, ...]], tuple[Key, ...]],
    before: Callable[[], object],
) -> None:
    """Replace the file, one writer at a time; only its owner can read a new one.

    Args:
        path: of the file.
        change: the keys.
        before: called when the new file is written and has not yet replaced the old one.
    """
    try:
        folder = os.open(path.parent, os.O_RDONLY)
    except OSError as error:
        raise KeysError(f"{path.parent}: {error.strerror}") from None
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        sweep(path.parent)
        entries = [_entry(key) for key in change(load(path) if path.exists() else ())]
        with atomic_write(path, mode=0o600) as file:
            file.write(_HEAD + yaml.safe_dump(entries, sort_keys=False))
            save(file)
            before()
    except OSError as error:
        raise KeysError(f"{path}: {error.strerror}") from None
    finally:
        os.close(folder)


def _entry(key: Key) -> dict[str, Any]:
    scopes = [scope for scope in SCOPES if scope in key.scopes]
    return {
        "name": key.name,
        "scopes": scopes,
        "sha256": key.digest.hex(),
        "created": key.created,
    }


_MEMBERS: dict[str, tuple[Callable[[object], bool], str]] = {
    "name": (
        lambda name: isinstance(name, str) and bool(_NAME.match(name)),
        "up to 64 letters, digits, dots, dashes or underscores",
    ),
    "scopes": (
        lambda scopes: (
            isinstance(scopes, list) and bool(scopes) and ANY.issuperset(map(str, scopes))
        ),
        f"a list of one or more of {', '.join(SCOPES)}",
    ),
    "sha256": (
        lambda digest: isinstance(digest, str) and bool(_DIGEST.match(digest)),
        "64 hexadecimal digits in quotes",
    ),
    "created": (lambda created: type(created) is date, "a date, 2026-01-31"),
}


def _fault(entry: object, others: dict[str, Key]) -> str | None:
    """Say what is wrong with an entry and what to give."""
    if not isinstance(entry, dict) or entry.keys() != _MEMBERS.keys():
        return f"give {', '.join(_MEMBERS)}, and nothing else"
    for member, (right, words) in _MEMBERS.items():
        if not right(entry[member]):
            return f"{member}: give {words}"
    if entry["name"] in others:
        return f"name: there is already a key named {entry['name']}"
    same = [key.name for key in others.values() if key.digest.hex() == entry["sha256"]]
    if same:
        return f"sha256: {same[0]} has the same"
    return None


def digest_of(presented: str) -> bytes:
    """Return the digest of a key, as the file stores it."""
    return hashlib.sha256(presented.encode("utf-8", "surrogateescape")).digest()
