"""Rule: links lead to an existing document, heading, file or page."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from app.handbook.documents import link_targets
from app.handbook.documents.document_types import FOLDERS
from app.handbook.documents.library import Library
from app.handbook.rendering.anchors import Anchors
from app.handbook.rules.finding import Finding


def check(library: Library, anchors: Anchors, serves: Callable[[str], bool]) -> Iterator[Finding]:
    """Yield findings of every link.

    Args:
        library: the documents; links to other files are looked up under its root.
        anchors: the ids of the documents' pages.
        serves: whether this service has a page at a path such as `/docs`.
    """
    for document in library:
        for written in document.text.outline.links:
            link = link_targets.resolve(document.path, written.target)
            fault = (
                _image_fault(library, link)
                if written.image or link.kind == "image"
                else _fault(library, link, anchors, serves)
            )
            if fault:
                rule, words = fault
                message = f"{written.target[:80]}: {words}"
                yield Finding(document.path, written.line, rule, message)


def _fault(
    library: Library, link: link_targets.LinkTarget, anchors: Anchors, serves: Callable[[str], bool]
) -> tuple[str, str] | None:
    """Return the rule that a link breaks, and what to write."""
    if link.kind == "forbidden":
        return "link", "link to https, mailto or a file of the repository"
    if link.kind == "page" and not serves(link.path):
        return "link", "there is no such page: write the path of a document or of /docs"
    if link.kind == "file" and not _exists(library, link.path):
        return "link", "there is no such file: correct the path, relative to this document"
    if link.kind == "document":
        if link.path not in library.by_path:
            return "link", "there is no such document: correct the path"
        if link.fragment and link.fragment not in anchors[link.path]:
            return "anchor", f"{link.path} has no heading with that id"
    return None


def _image_fault(library: Library, link: link_targets.LinkTarget) -> tuple[str, str] | None:
    """Return the rule that an image breaks, and what to write."""
    if link.kind == "image" and not library.has_image(link.path):
        return "image", "there is no such image: correct the path, relative to this document"
    if link.kind in ("file", "document", "forbidden"):
        folders = ", ".join(f"{folder}/" for folder in FOLDERS.values())
        kinds = ", ".join(sorted(suffix[1:].upper() for suffix in link_targets.IMAGES))
        return "image", f"this is not shown: put an image ({kinds}) below {folders} beside the text"
    return None


def _exists(library: Library, path: str) -> bool:
    if path.startswith("../") or "\0" in path:
        return False
    try:
        return (library.root / path).exists()
    except OSError:  # the name is too long
        return False
