"""Follows every address on the pages of a service, to find those that leave it."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit

LINKS = ("href", "src", "action")

_ALIKE = re.compile(r"/customers/wa-[1-9]")
"""Pages of the sample's customers, which have the same links as those that are followed."""


@dataclass
class Crawl:
    """What was found.

    Attributes:
        statuses: of each address below the base, as a path from there.
        outside: pages, each with an address on the same site that is not below the base.
    """

    statuses: dict[str, int] = field(default_factory=dict)
    outside: set[tuple[str, str]] = field(default_factory=set)


class _Addresses(HTMLParser):
    """Links, and every other attribute that holds a path for a script."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, _: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found |= {v for name, v in attrs if v and (name in LINKS or v.startswith("/"))}


def crawl(base: str, *starts: str) -> Crawl:
    """Follow the addresses from some paths on.

    Args:
        base: where the service is, without a slash at the end.
        starts: paths from there.
    """
    found, site = Crawl(), urlsplit(base)
    waiting = deque(base + start for start in starts)
    while waiting:
        url = waiting.popleft()
        page = url.removeprefix(base)
        if page in found.statuses or _ALIKE.match(page):
            continue
        found.statuses[page], kind, text = _get(url)
        for address in _addresses(kind, text):
            target = urldefrag(urljoin(url, address)).url
            parts = urlsplit(target)
            if (parts.scheme, parts.netloc) != (site.scheme, site.netloc):
                continue
            if f"{target}/".startswith(f"{base}/"):
                waiting.append(base + (target.removeprefix(base) or "/"))
            else:
                found.outside.add((page, address))
    return found


def _get(url: str) -> tuple[int, str, str]:
    request = urllib.request.Request(url, headers={"Accept": "text/html,*/*;q=0.1"})
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            return answer.status, answer.headers.get_content_type(), answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, "", ""


def _addresses(kind: str, text: str) -> set[str]:
    if kind == "text/html":
        parser = _Addresses()
        parser.feed(text)
        return parser.found
    return set(_urls(json.loads(text))) if kind == "application/json" else set()


def _urls(node: Any) -> Iterator[str]:
    """The addresses in an answer of the API: each `url` that a program would follow."""
    if isinstance(node, list):
        for item in node:
            yield from _urls(item)
    elif isinstance(node, dict):
        for name, value in node.items():
            if name == "url" and isinstance(value, str):
                yield value
            else:
                yield from _urls(value)
