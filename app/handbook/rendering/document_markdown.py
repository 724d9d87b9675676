"""Writes a document as markdown whose links work at its address."""

from __future__ import annotations

import re

from app.handbook.documents import link_targets
from app.handbook.documents.document_types import FOLDERS, Document

_TARGET = re.compile(r"(\]\(<?|^[ \t]*\[[^\]]+\]:[ \t]*<?)([^\s<>)]+)")
"""What is before a link's target, and the target."""


def text(document: Document, base: str) -> str:
    """Return a document's source, with front matter and footer.

    Links between documents lead to markdown as they are written, because an address ends like its
    file. Links to pages get the address before them. Links to other files stay: they name the file.

    Args:
        document: the document.
        base: the service's address, or the path before its own addresses.
    """

    def address(match: re.Match[str]) -> str:
        target = link_targets.resolve(document.path, match[2])
        has_page = target.kind == "page" or (target.kind == "file" and target.href)
        return match[1] + (base + _markdown(target.href) if has_page else match[2])

    outline, lines = document.text.outline, document.source.lines
    for line in {link.line for link in outline.links} | outline.definitions:
        lines[line - 1] = _TARGET.sub(address, lines[line - 1])
    return "\n".join(lines)


def _markdown(href: str) -> str:
    """Return the address of a page as markdown, if it has one."""
    path, mark, fragment = href.partition("#")
    folder, _, slug = path[1:].partition("/")
    if path == "/model-card" or (folder in (*FOLDERS.values(), "experiments") and slug):
        path += ".md"
    return path + mark + fragment
