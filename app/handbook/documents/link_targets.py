"""Resolves links in documents: to pages, files of the repository, or other sites."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import quote, unquote, urlsplit

from app.handbook.documents.document_types import FOLDERS

_CARD = re.compile(r"model/releases/[^/]+/card\.yaml\Z")
_EXPERIMENT = re.compile(r"model/experiments/([\w-]+)\.yaml\Z", re.ASCII)
IMAGES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".svg": "image/svg+xml",
}
"""The kinds of images that pages show, with their media types."""

_SCHEMES = ("http", "https", "mailto")


@dataclass(frozen=True)
class LinkTarget:
    """A resolved link.

    Attributes:
        kind: "page" of this service by a path from its root (`/docs`), "document" or "file" of the
            repository, "image" below the documents' folders, "outside" for another host,
            "forbidden" for a scheme that no page may have.
        path: of a document or file relative to the repository's root; begins with `..` outside of
            it.
        fragment: after `#`.
        href: in the page; empty for a file without a page and for a forbidden scheme.
    """

    kind: str
    path: str = ""
    fragment: str = ""
    href: str = ""


FORBIDDEN = LinkTarget("forbidden")


def resolve(source: str, written: str) -> LinkTarget:
    """Resolve a link.

    Args:
        source: path of its document, relative to the repository's root.
        written: its target, as written.
    """
    try:
        parts = urlsplit(written)
    except ValueError:
        return FORBIDDEN
    if parts.scheme.lower() in _SCHEMES:
        return LinkTarget("outside", href=written)
    if parts.scheme or parts.netloc or "\\" in parts.path:
        return FORBIDDEN
    fragment = unquote(parts.fragment)
    if not parts.path:
        return LinkTarget("document", source, fragment, "#" + quote(fragment))
    path = posixpath.normpath(posixpath.join(posixpath.dirname(source), unquote(parts.path)))
    if parts.path.startswith("/") and not is_image(path.lstrip("/")):
        return LinkTarget("page", parts.path, fragment, written)
    return _relative(path.lstrip("/"), fragment)


def is_image(path: str) -> bool:
    """Whether a path, relative to the repository's root, is one of an image that pages may show."""
    folder, _, name = path.partition("/")
    return folder in FOLDERS.values() and PurePosixPath(name).suffix.lower() in IMAGES


def _relative(path: str, fragment: str) -> LinkTarget:
    """Resolve a link to a file of the repository, which may have a page."""
    folder, _, name = path.rpartition("/")
    if _CARD.match(path):
        return LinkTarget("page", "/model-card", fragment, _href("/model-card", fragment))
    if folder in FOLDERS.values() and name.endswith(".md"):
        url = f"/{folder}/{quote(name.removesuffix('.md'))}"
        return LinkTarget("document", path, fragment, _href(url, fragment))
    if is_image(path):
        return LinkTarget("image", path, fragment, f"/{quote(path)}")
    if found := _EXPERIMENT.match(path):
        return LinkTarget("file", path, fragment, _href(f"/experiments/{found[1]}", fragment))
    return LinkTarget("file", path, fragment)


def _href(url: str, fragment: str) -> str:
    return f"{url}#{quote(fragment)}" if fragment else url
