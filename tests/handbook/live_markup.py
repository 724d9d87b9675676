"""Finds live markup in a page's HTML, with its own parser."""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import urlsplit

TAGS = {
    *("script", "iframe", "object", "embed", "style", "link", "meta", "base", "form", "svg"),
    *("math", "template", "video", "audio", "button", "details", "noscript", "body"),
    *("textarea", "select"),
}
ADDRESSES = ("href", "src", "action", "formaction", "srcdoc", "data", "xlink:href", "poster")


class _Finder(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in TAGS:
            self.found.append(tag)
        for name, value in attrs:
            if name.startswith("on") or name == "style":
                self.found.append(f"{tag} {name}")
            elif name in ADDRESSES:
                parts = urlsplit("".join((value or "").split()))
                local = not parts.scheme and not parts.netloc
                if not local and parts.scheme not in ("http", "https", "mailto"):
                    self.found.append(f"{tag} {name}={value}")


def live(html: str) -> list[str]:
    """Each tag, handler and address in a fragment that a browser would act on."""
    finder = _Finder()
    finder.feed(html)
    finder.close()
    return finder.found
