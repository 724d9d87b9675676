"""Collects the files of the mirror: pages of this very application, and what they show."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote, unquote, urlsplit

from flask import current_app, request

from app.handbook.documents import experiment_list, link_targets
from app.handbook.documents.document_types import STATUSES
from app.handbook.documents.library import Library
from app.handbook.mirror import title_index
from app.handbook.mirror.relative_links import rewrite
from app.handbook.mirror.stamp import FILE, Stamp
from app.http.problems import PROBLEM_TYPES
from app.services import services

INDEX = "static/title-index.js"


def files(stamp: Stamp, *, incidents: bool) -> dict[str, bytes]:
    """Return every file of the mirror by its path in the folder.

    It changes the services of the application, which must serve nothing else from then on.

    Args:
        stamp: what the pages say about the mirror.
        incidents: whether incidents are in it.

    Raises:
        OSError: a document could not be read.
    """
    library = services().library().require_complete()
    if not incidents:
        for path in [d.path for d in library if d.kind == "incident"]:
            del library.by_path[path]
    services().mirror = stamp
    services().url_prefix = urlsplit(stamp.service).path
    texts = [f"{unquote(document.url)}.md" for document in library]
    texts += [f"{found.url}.md" for found in experiment_list.experiments(library)]
    texts += ["/llms.txt", *(["/model-card.md"] if services().releases.serving else [])]
    site = _Site(stamp.service, _pages(library, incidents=incidents), texts)
    found = {file: site.page(path) for path, file in site.pages.items()}
    found |= {file: site.answer(quote(path)) for path, file in site.texts.items()}
    while site.wanted:
        path = site.wanted.pop()
        found[_asset(path)] = site.answer(quote(path))
    found[INDEX] = title_index.script(library, site.href).encode()
    found[FILE] = stamp.text().encode()
    return found


def _pages(library: Library, *, incidents: bool) -> dict[str, str]:
    """Return the file of each page by its path, with the query if it has one."""
    lists = ["/runbooks", "/adrs", "/guides", *(["/incidents"] if incidents else [])]
    single = [*lists, "/experiments", "/model-card", "/search", "/problems"]
    documents = [unquote(document.url) for document in library]
    documents += [found.url for found in experiment_list.experiments(library)]
    problems = [f"/problems/{slug}" for slug in PROBLEM_TYPES]
    found = {path: f"{path[1:]}.html" for path in (*single, *documents, *problems)}
    statuses = {adr.status for adr in library.adrs} & {*STATUSES}
    for status in sorted(status.lower() for status in statuses):
        found[f"/adrs?status={status}"] = f"adrs-{status}.html"
    return {"/": "index.html", **found}


class _Site:
    """Asks the application for pages, and notes which other files they need.

    Args:
        service: the address of the service.
        pages: the file of each page by its path.
        texts: paths of what needs no change.
    """

    def __init__(self, service: str, pages: dict[str, str], texts: Iterable[str]) -> None:
        self.pages = pages
        self.wanted: set[str] = set()
        self.texts = {path: path[1:] for path in texts}
        self._service = service
        self._seen: set[str] = set()

    def answer(self, path: str) -> bytes:
        """Return what a view answers; nobody asks for a key, counts or logs it."""
        with current_app.test_request_context(path, base_url=self._service):
            assert request.endpoint is not None  # noqa: S101  (pages and links that exist)
            view = current_app.view_functions[request.endpoint]
            made = current_app.ensure_sync(view)(**request.view_args or {})
            answer = current_app.make_response(made)
            answer.direct_passthrough = False  # of a file
            try:
                return answer.get_data()
            finally:
                answer.close()

    def page(self, path: str) -> bytes:
        """Return a page with relative links."""
        html = self.answer(quote(path, safe="/?=")).decode()
        return rewrite(html, self.pages[path], urlsplit(self._service).path, self.file).encode()

    def file(self, path: str) -> str | None:
        """Return the file for an address, or None; an image or script is fetched later."""
        address, _, query = unquote(path).partition("?")
        if query and f"{address}?{query}" in self.pages:
            return self.pages[f"{address}?{query}"]
        if address in self.pages:
            return self.pages[address]
        if address in self.texts:
            return self.texts[address]
        if address == f"/{INDEX}":
            return INDEX
        if not _is_asset(address):
            return None
        if address not in self._seen:
            self._seen.add(address)
            self.wanted.add(address)
        return _asset(address)

    def href(self, address: str) -> str | None:
        """Return an address relative to the mirror's root, or None for a page that it lacks."""
        path, mark, fragment = address.partition("#")
        file = self.pages.get(unquote(path))
        return None if file is None else quote(file) + mark + fragment


def _asset(path: str) -> str:
    return path.lstrip("/")


def _is_asset(path: str) -> bool:
    """Whether an address is one of an image, a script or a stylesheet."""
    return "/static/" in path or link_targets.is_image(_asset(path))
