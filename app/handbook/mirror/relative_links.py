"""Rewrites a page of the service so that it works from a folder."""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from html import escape
from html.parser import HTMLParser
from urllib.parse import quote, urlsplit

Target = Callable[[str], str | None]
"""Returns the file, relative to the mirror's root, for a path of the service with its query."""

NOT_AVAILABLE = "Not available in the mirror: run the command"
"""Stands for the verdict of a check."""

_LINKS = {"href", "src", "action"}
_LIVE = {"data-state", "data-check", "data-card-state", "data-drill"}
"""Attributes by which scripts know what to ask the service."""


def rewrite(html: str, file: str, prefix: str, target: Target) -> str:
    """Return a page with relative links and without what only the service can answer.

    A link to a page that the mirror doesn't have becomes plain text.

    Args:
        html: the page.
        file: where it will be, relative to the mirror's root.
        prefix: the path before the service's addresses, or empty.
        target: finds the file for an address.
    """
    reader = _Reader(html, file, prefix, target)
    reader.feed(html)
    reader.close()
    parts, end = [], 0
    for start, stop, text in reader.changes:
        parts += [html[end:start], text]
        end = stop
    return "".join([*parts, html[end:]])


class _Reader(HTMLParser):
    """Collects what has to change: start and end in the page, and the new text."""

    def __init__(self, html: str, file: str, prefix: str, target: Target) -> None:
        super().__init__(convert_charrefs=False)
        self.changes: list[tuple[int, int, str]] = []
        self._file = file
        self._prefix = prefix
        self._target = target
        self._lines = [0]
        for line in html.split("\n"):
            self._lines.append(self._lines[-1] + len(line) + 1)
        self._unlinked = False
        self._verdict: int | None = None
        """Where the text of a verdict begins, while it is read."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Rewrite the attributes of one element."""
        if self._verdict is not None:
            return
        found = dict(attrs)
        changed = {name: value for name, value in found.items() if name not in _LIVE}
        for name in _LINKS & changed.keys():
            changed[name] = self._address(changed[name] or "")
        if tag == "a" and "href" in found and changed["href"] is None:
            path = (found["href"] or "").removeprefix(self._prefix)
            tag, changed = "span", {"class": "file", "title": f"{path} of the service"}
            self._unlinked = True
        start = self._place()
        raw = self.get_starttag_text() or ""
        if changed != found:
            words = "".join(
                f' {name}="{escape(value)}"' if value is not None else f" {name}"
                for name, value in changed.items()
            )
            end = "/>" if raw.endswith("/>") else ">"
            self.changes.append((start, start + len(raw), f"<{tag}{words}{end}"))
        if "verdict" in (found.get("class") or "").split():
            self._verdict = start + len(raw)

    def handle_endtag(self, tag: str) -> None:
        """End the plain text instead of a link, and replace a verdict, which is a paragraph."""
        if self._verdict is not None and tag == "p":
            self.changes.append((self._verdict, self._place(), NOT_AVAILABLE))
            self._verdict = None
        elif self._unlinked and tag == "a":
            start = self._place()
            self.changes.append((start, start + len("</a>"), "</span>"))
            self._unlinked = False

    def _place(self) -> int:
        line, column = self.getpos()
        return self._lines[line - 1] + column

    def _address(self, written: str) -> str | None:
        """Return an address as this page must write it; None if the mirror doesn't have it."""
        if not written.startswith("/"):
            return written
        parts = urlsplit(written.removeprefix(self._prefix))
        file = self._target(f"{parts.path}?{parts.query}" if parts.query else parts.path)
        if file is None:
            return None
        path = quote(posixpath.relpath(file, posixpath.dirname(self._file) or "."))
        return path + (f"#{parts.fragment}" if parts.fragment else "")
