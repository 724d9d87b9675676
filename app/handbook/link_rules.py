"""Links and the tests that documents name: whether they lead to what exists."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from app.handbook import links
from app.handbook.documents import ADR
from app.handbook.findings import Finding
from app.handbook.library import Library

_TEST = re.compile(r"(tests/[\w/.-]+\.py)(?:::([\w:]+))?", re.ASCII)


def check(library: Library, serves: Callable[[str], bool]) -> Iterator[Finding]:
    """Findings of every link and every test id.

    Args:
        library: the documents; links to other files are looked up under its root.
        serves: whether this service has a page at a path such as `/docs`.
    """
    ids = {d.path: {h.id for h in d.text.outline.headings} for d in library}
    for document in library:
        for written in document.text.outline.links:
            link = links.resolve(document.path, written.target)
            fault = _fault(library, link, ids, serves)
            if fault:
                rule, words = fault
                message = f"{written.target[:80]}: {words}"
                yield Finding(document.path, written.line, rule, message)
        if isinstance(document, ADR):
            yield from _tests(library, document)


def _fault(
    library: Library, link: links.Link, ids: dict[str, set[str]], serves: Callable[[str], bool]
) -> tuple[str, str] | None:
    """The rule that a link breaks, and what would be right."""
    if link.kind == "forbidden":
        return "link", "link to https, mailto or a file of the repository"
    if link.kind == "page" and not serves(link.path):
        return "link", "there is no such page: write the path of a document or of /docs"
    if link.kind == "file" and not _exists(library, link.path):
        return "link", "there is no such file: correct the path, relative to this document"
    if link.kind == "document":
        if link.path not in ids:
            return "link", "there is no such document: correct the path"
        if link.fragment and link.fragment not in ids[link.path]:
            return "anchor", f"{link.path} has no heading with that id"
    return None


def _exists(library: Library, path: str) -> bool:
    if path.startswith("../") or "\0" in path:
        return False
    try:
        return (library.root / path).exists()
    except OSError:  # a name too long
        return False


def _tests(library: Library, adr: ADR) -> Iterator[Finding]:
    """The test ids under Confirmation name tests that exist."""
    section = adr.section("Confirmation")
    if section is None:
        return
    lines = enumerate(adr.text.lines[section.line : section.end - 1], section.line + 1)
    for number, text in lines:
        for path, name in _TEST.findall(text):
            if fault := _missing(library, path, name):
                yield Finding(adr.path, number, "confirmation", fault)


def _missing(library: Library, path: str, name: str) -> str | None:
    file = library.root / path
    if ".." in path or not file.is_file():
        return f"there is no {path}: name a test that exists"
    source = file.read_text("utf-8", "replace")
    for part in filter(None, name.split("::")):
        if not re.search(rf"^\s*(?:async )?(?:def|class) {re.escape(part)}\b", source, re.M):
            return f"{path} has no {part}: name a test that exists"
    return None
