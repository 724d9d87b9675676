"""Keeps the search index of the current library."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from flask import Flask

from app.handbook.documents.library import Library
from app.http.problems import PROBLEM_TYPES
from app.services import services_of

if TYPE_CHECKING:
    from app.handbook.search.search_index import SearchIndex


class LiveIndex:
    """Makes the index at the first call, and again for a new library.

    Args:
        app: the application whose library and API are searched.
    """

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._lock = threading.Lock()
        self._made: tuple[Library, SearchIndex] | None = None

    def __call__(self) -> SearchIndex:
        """Return the index; the first caller waits some tenths of a second."""
        library = services_of(self._app).library()
        made = self._made
        if made is None or made[0] is not library:
            with self._lock:
                made = self._made
                if made is None or made[0] is not library:
                    self._made = made = (library, self._make(library))
        return made[1]

    def _make(self, library: Library) -> SearchIndex:
        # Imported late: the first request doesn't need it.
        from app.handbook.search import search_entries, service_pages  # noqa: PLC0415
        from app.handbook.search.search_index import SearchIndex  # noqa: PLC0415

        entries = [*search_entries.documents(library), *search_entries.cards(library)]
        entries += search_entries.experiments(library)
        entries += search_entries.problems(PROBLEM_TYPES)
        with self._app.app_context():
            entries += service_pages.entries()
            for api in self._app.extensions.get("flask-smorest", {}).get("apis", {}).values():
                entries += search_entries.operations(api["ext_obj"].spec.to_dict())
        return SearchIndex(entries)
