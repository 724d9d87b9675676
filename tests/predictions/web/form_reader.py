"""Reads a page as a browser without scripts does: what a form would send, and what is written."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

from markupsafe import Markup


class _Form(HTMLParser):
    """Collects the fields of one form."""

    def __init__(self, action: str) -> None:
        super().__init__()
        self._action = action
        self._inside = False
        self._select = ""
        self.sent: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given: dict[str, Any] = dict(attrs)
        if tag == "form":
            self._inside = given.get("action") == self._action
        if not self._inside:
            return
        name = given.get("name")
        if tag == "input" and name and (given.get("type") != "radio" or "checked" in given):
            self.sent[name] = given.get("value") or ""
        elif tag == "select":
            self._select = name
        elif tag == "option" and ("selected" in given or self._select not in self.sent):
            self.sent[self._select] = given["value"]

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False


def fields(page: str, action: str) -> dict[str, str]:
    """Return what the form with that action would send as it stands."""
    form = _Form(action)
    form.feed(page)
    return form.sent


def words(html: str) -> str:
    """Return the text of a piece of a page."""
    return Markup(html).striptags()


def part(page: str, tag: str, which: str) -> str:
    """Return the text of the first element whose tag says this."""
    found = re.search(rf"<{tag}[^>]*{re.escape(which)}[^>]*>(.*?)</{tag}>", page, re.DOTALL)
    assert found, which
    return words(found[1])


def rows(page: str, label: str) -> list[list[str]]:
    """Return the cells of the table in the group with a label, without its head."""
    table = page[page.index(f'aria-label="{label}"') :].partition("</table>")[0]
    found = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in table.split("<tr>")[2:]]
    return [[words(cell) for cell in row] for row in found]
