"""Reads an application's library at the first call, and keeps it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from app.handbook.documents import experiment_file, link_targets
from app.handbook.documents.document_types import FOLDERS
from app.handbook.documents.library import Library

log = logging.getLogger(__name__)


class ReloadingLibrary:
    """Returns the library in any thread.

    Args:
        root: the parent of the documents' folders.
        releases: the folder of the model's releases.
        watching: whether to read it again when a document changes, for authors.
        loaded: called after each reading.
    """

    def __init__(
        self,
        root: Path,
        releases: Path | None,
        *,
        watching: bool,
        loaded: Callable[[], None],
    ) -> None:
        self._loaded = loaded
        self._root = root
        self._releases = releases
        self._watching = watching
        self._lock = threading.Lock()
        self._library: Library | None = None
        self._seen: list[tuple[str, int, int]] = []

    def __call__(self) -> Library:
        """Return the library; the first caller waits until it is read."""
        with self._lock:
            seen = self._files() if self._watching else self._seen
            if self._library is None or seen != self._seen:
                self._library = Library(self._root, self._releases)
                for name, error in self._library.unreadable.items():
                    log.error("%s is left out: %s", name, error.strerror)
                self._seen = seen
                self._loaded()
            return self._library

    def _files(self) -> list[tuple[str, int, int]]:
        """Return name, modification time and size of each document, image and experiment."""
        kinds = {".md", ".yaml", *link_targets.IMAGES}
        folders = (*FOLDERS.values(), experiment_file.FOLDER)
        below = (path for folder in folders for path in self._root.glob(f"{folder}/**/*"))
        paths = (path for path in below if path.suffix.lower() in kinds)
        found = []
        for path in paths:
            try:
                status = path.stat()
            except OSError:  # removed meanwhile
                continue
            found.append((str(path), status.st_ctime_ns, status.st_size))
        return sorted(found)
