"""Finds the entry of a key."""

from __future__ import annotations

import hmac
import logging
import os
from collections.abc import Callable
from pathlib import Path

from app.access.key_file import Key, KeysError, digest_of, load
from app.access.sessions import holder

log = logging.getLogger(__name__)


class Keyring:
    """The keys of a file, which is read again when it changes.

    An invalid change is logged, and the previous keys stay.

    Raises:
        KeysError: the file is invalid at the start.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen = _stamp(path)
        self._keys = load(path)
        self._usable = True

    def find(self, presented: str) -> Key | None:
        """Return the entry of a key, or None, in the same time."""
        return self._where(lambda key: key.digest, digest_of(presented))

    def named(self, name: str, digits: str) -> Key | None:
        """Return the entry with a name and these first digits of its digest, or None."""
        return self._where(lambda key: repr(holder(key)).encode(), repr((name, digits)).encode())

    def _where(self, part: Callable[[Key], bytes], wanted: bytes) -> Key | None:
        self._refresh()
        found = None
        for key in self._keys:
            if hmac.compare_digest(part(key), wanted):
                found = key  # continue to the end, so that the time doesn't reveal the position
        return found

    def _refresh(self) -> None:
        stamp = _stamp(self._path)
        if stamp == self._seen:
            return
        self._seen = stamp
        before, usable = self._keys, self._usable
        try:
            self._keys = load(self._path)
        except KeysError as error:
            self._usable = False
            log.error("API_KEYS_FILE: %s; the previous keys stay in force", error)
        else:
            self._usable = True
            if self._keys != before or not usable:  # not if the file was only touched
                log.info("read API_KEYS_FILE again: %d keys", len(self._keys))


def _stamp(path: Path) -> tuple[int, int, int] | None:
    """Return a value that changes with the file or its permissions.

    It is compared on each request, so that a revoked key stops at once.
    """
    try:
        found = os.stat(path)  # noqa: PTH116 - once a request; Path.stat costs twice as much
    except OSError:
        return None
    return found.st_ctime_ns, found.st_size, found.st_ino
