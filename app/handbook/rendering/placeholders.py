"""The values that a reader fills into commands: namespace, address, `${NAME:-default}`.

The page's script takes the values only from the reader's own input: a link to a page must not
change the commands that people copy from it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from app.handbook.documents.outline import Fence

SHELLS = ("bash", "console", "sh", "shell", "zsh")

_PLACE = re.compile(
    r"\$\{(?P<name>[A-Z][A-Z0-9_]{0,40}):-(?P<default>[^{}$\s\"'`\\<>&]*)\}"
    r"|<(?P<named>[A-Z][A-Z0-9_]{0,40})>"
    r"|(?<=kubectl -n )(?P<namespace>[a-z0-9][a-z0-9-]*)"
    r"|(?P<api>https?://(?:localhost|127\.0\.0\.1):\d{2,5})"
)
_FIRST, _MOST = 0xE100, 64
_MARKED = re.compile(f"[{chr(_FIRST)}-{chr(_FIRST + _MOST - 1)}]")
_WORDS = {
    "API": "Address of the API",
    "CHURN_HOME": "Folder of the service",
    "HOST": "Host",
    "NAMESPACE": "Namespace",
    "POD": "Pod",
}


@dataclass(frozen=True)
class Value:
    """A place in a document's commands: its name and its default."""

    name: str
    default: str

    @property
    def label(self) -> str:
        """Its name in words, if we have them."""
        return _WORDS.get(self.name, self.name)


def find(fences: Iterable[Fence]) -> list[Value]:
    """Return the places in the shell commands, in the order of their first use."""
    found: dict[str, Value] = {}
    for fence in fences:
        if fence.language in SHELLS:
            for match in _PLACE.finditer(fence.text):
                value = _value(match)
                found.setdefault(value.name, value)
    return list(found.values())


def _value(match: re.Match[str]) -> Value:
    if match["namespace"] or match["api"]:
        return Value("NAMESPACE" if match["namespace"] else "API", match[0])
    return Value(match["name"] or match["named"], match["default"] or "")


def mark(text: str) -> tuple[str, list[re.Match[str]]]:
    """Replace each place in a command by one sign, which highlighting keeps."""
    places: list[re.Match[str]] = []

    def sign(match: re.Match[str]) -> str:
        if len(places) == _MOST:
            return match[0]
        places.append(match)
        return chr(_FIRST + len(places) - 1)

    return _PLACE.sub(sign, _MARKED.sub("\ufffd", text)), places


def unmark(html: str, places: list[re.Match[str]]) -> str:
    """Put each place of highlighted code into an element."""

    def place(match: re.Match[str]) -> str:
        found = places[ord(match[0]) - _FIRST]
        name = _value(found).name
        return f'<span class="value" data-name="{name}">{escape(found[0])}</span>'

    return _MARKED.sub(place, html)
