"""Finds the entry of a presented key."""

from __future__ import annotations

import hmac
import logging
import os
from pathlib import Path

from app.access.key_file import Key, KeysError, digest_of, load

log = logging.getLogger(__name__)


class Keyring:
    """The keys of a file, read again when the file changes.

    A change that cannot be used is logged, and the keys before it stay.

    Raises:
        KeysError: the file cannot be used at the start.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen = _stamp(path)
        self._keys = load(path)
        self._usable = True

    def find(self, presented: str) -> Key | None:
        """The entry of a presented key, or None; takes as long for one as for the other."""
        self._refresh()
        digest = digest_of(presented)
        found = None
        for key in self._keys:
            if hmac.compare_digest(key.digest, digest):
                found = key  # and on to the end: the time says nothing about the place
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
            log.error("API_KEYS_FILE: %s; the keys before this change stay in force", error)
        else:
            self._usable = True
            if self._keys != before or not usable:  # no word where a file was only touched
                log.info("API_KEYS_FILE read again: %d keys", len(self._keys))


def _stamp(path: Path) -> tuple[int, int, int] | None:
    """What changes when the file does, or who may read it.

    The keys live or die by it, so it is asked each time.
    """
    try:
        found = os.stat(path)  # noqa: PTH116 - once a request; Path.stat costs twice as much
    except OSError:
        return None
    return found.st_ctime_ns, found.st_size, found.st_ino
