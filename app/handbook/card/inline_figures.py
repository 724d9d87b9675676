"""A release's figures, ready to stand in a page: they take its colours and need no inline style."""

from __future__ import annotations

import hashlib
import re
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Tree

from markupsafe import Markup

_SVG = "http://www.w3.org/2000/svg"
_XLINK = "{http://www.w3.org/1999/xlink}href"
_TAGS = frozenset(
    ("circle", "clipPath", "defs", "g", "line", "path", "polygon", "polyline", "rect", "svg")
) | {"text", "title", "tspan", "use"}
_NAME = re.compile(r"[a-z][a-z-]*\Z")


def figures(release: Any) -> dict[str, Markup]:
    """The figures that the card lists, by name; one whose bytes are not those loaded is left out.

    Args:
        release: has `path`, and `digests` with a SHA-256 for each `figures/<name>.svg`.
    """
    found = {}
    for name, digest in release.digests.items():
        if name.startswith("figures/") and name.endswith(".svg"):
            with suppress(OSError, ValueError):
                drawn = _read(release.path / name, digest)
                found[name.removeprefix("figures/").removesuffix(".svg")] = drawn
    return found


@lru_cache(32)
def _read(path: Path, digest: str) -> Markup:
    """Kept where it succeeds: a file that comes back is looked at again."""
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != digest:
        raise ValueError(path.name)
    return inline(data.decode())


def inline(svg: str) -> Markup:
    """An SVG for a page's text.

    Declarations of `style` become attributes, since the Content-Security-Policy blocks inline
    styles; elements and links other than those of a drawing are dropped.

    Raises:
        ValueError: it is none.
    """
    try:
        root = Tree.fromstring(svg)  # noqa: S314 - of a release whose digest was checked
    except Tree.ParseError as error:
        raise ValueError(error) from None
    if root.tag != f"{{{_SVG}}}svg":
        raise ValueError(root.tag)
    Tree.register_namespace("", _SVG)
    _clean(root)
    for name in ("width", "height"):
        root.attrib.pop(name, None)
    root.set("aria-hidden", "true")
    text = Tree.tostring(root, encoding="unicode")
    text = text.replace(f' xmlns="{_SVG}"', "")
    return Markup(re.sub(r">\s+<", "><", text))  # noqa: S704 - cleaned above


def _clean(element: Tree.Element) -> None:
    for child in list(element):
        if child.tag.removeprefix(f"{{{_SVG}}}") in _TAGS:
            _clean(child)
        else:
            element.remove(child)
    link = element.attrib.pop(_XLINK, "") or element.attrib.get("href", "")
    style = element.attrib.pop("style", "")
    for name in list(element.attrib):
        if name.startswith(("on", "{")) or name == "href":
            del element.attrib[name]
    if link.startswith("#"):
        element.set("href", link)
    for declaration in style.split(";"):
        name, _, value = (part.strip() for part in declaration.partition(":"))
        if _NAME.match(name) and value and name != "font":
            element.set(name, value)
