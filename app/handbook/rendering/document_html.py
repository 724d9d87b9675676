"""Renders markdown as safe HTML, with the ids, links and pieces of this service's pages.

Three layers keep a document from running code in a reader's browser. The converter treats raw HTML
as text, link targets are rewritten to addresses of known kinds, and nh3 parses the result and drops
every tag, attribute and scheme that is not listed. The Content-Security-Policy is a fourth layer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from app.handbook.documents.document_types import Document
from app.handbook.rendering import date_words, frames

_ATTRIBUTES = {
    "a": {"href", "title"},
    "div": {"role", "aria-label", "tabindex"},
    "img": {"src", "alt", "title"},
    "input": {"type", "checked"},
    "ol": {"start"},
    "pre": {"tabindex"},
    "p": {"data-check"},
    "span": {"title", "data-name"},
    "time": {"datetime"},
    "*": {"class", "id"},
}
_TAGS = {
    *("a", "blockquote", "br", "code", "del", "div", "em", "h1", "h2", "h3", "h4", "h5", "h6"),
    *("hr", "img", "input", "label", "li", "ol", "p", "pre", "s", "section", "span", "strong"),
    *("sup", "table", "tbody", "td", "th", "thead", "time", "tr", "ul"),
}
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
FRAME_LEVEL = 3
CONTENTS_LEVELS = (2, 3)


@dataclass(frozen=True)
class Rendered:
    """A document's text as HTML, and its headings for the table of contents."""

    html: str
    contents: list[tuple[int, str, str]]
    """Level, id and words of each heading of levels 2 and 3."""


def render(
    document: Document,
    leave_out: frozenset[str] = frozenset(),
    has_image: Callable[[str], bool] = lambda _path: False,
    *,
    prefix: str = "",
    notes: Mapping[str, Sequence[Element]] | None = None,
    grafana_url: str = "",
) -> Rendered:
    """Render the page's text without title, footer and the given sections.

    Args:
        document: the document.
        leave_out: ids of sections that the page shows elsewhere.
        has_image: whether the service shows the image at a path.
        prefix: the service's URL_PREFIX.
        notes: what is shown below the heading of each cause, by its id.
        grafana_url: where the document's dashboards are, or empty.
    """
    text = document.text
    ids = {heading.line: heading.id for heading in text.headings}
    framed = frames.frames(document)
    for id_, note in (notes or {}).items():
        framed[id_].extend(note)
    html = _convert(
        text.shown,
        document.path,
        ids,
        has_image,
        lambda root: _arrange(root, framed, leave_out),
        prefix=prefix,
        grafana_url=grafana_url,
    )
    left = {s.id for top in document.sections if top.id in leave_out for s in (top, *top.children)}
    contents = [
        (heading.level, heading.id, heading.text)
        for heading in text.headings
        if heading.level in CONTENTS_LEVELS and heading.id not in left
    ]
    return Rendered(html, contents)


def fragment(
    document: Document,
    part: str,
    has_image: Callable[[str], bool] = lambda _path: False,
    *,
    prefix: str = "",
) -> str:
    """Render a part of a document's text, such as its opening."""
    text = f"{part}\n\n{document.text.definitions}"
    return _convert(text, document.path, {}, has_image, lambda _root: None, prefix=prefix)


def warm() -> None:
    """Import the modules that render pages, so that the first page needn't wait."""
    _convert("-", "", {}, lambda _path: False, lambda _root: None)


def clean(html: str) -> str:
    """Drop every tag, attribute and address that is not allowed."""
    import nh3  # noqa: PLC0415

    return nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        set_tag_attribute_values={"input": {"type": "checkbox"}},
    )


def _convert(
    text: str,
    path: str,
    ids: dict[int, str],
    has_image: Callable[[str], bool],
    arrange: Callable[[Element], None],
    *,
    prefix: str = "",
    grafana_url: str = "",
) -> str:
    # Takes 100 ms to import, which the first answer of the service needn't wait for.
    from app.handbook.rendering import markdown_converter  # noqa: PLC0415

    def finish(root: Element) -> None:
        date_words.write(root)
        arrange(root)

    converter = markdown_converter.make(
        path, ids, has_image, finish, prefix=prefix, grafana_url=grafana_url
    )
    return clean(converter.convert(text))


def _arrange(root: Element, framed: dict[str, Element], leave_out: frozenset[str]) -> None:
    """Remove the title and sections that the page shows elsewhere; frame steps and causes."""
    children = list(root)
    root[:] = []
    into = root
    dropping = titles = 0
    for child in children:
        level = _HEADINGS.get(child.tag, 0)
        id_ = child.get("id", "")
        if level and id_:
            if level <= FRAME_LEVEL:
                into = root
            if not dropping or level <= dropping:
                dropping = level if id_ in leave_out else 0
            if level == 1:
                titles += 1
                if titles == 1:
                    continue
                child.tag = "h2"  # the page has one title
        if dropping:
            continue
        if id_ in framed and level:
            into = framed[id_]
            root.append(into)
            into.insert(1, child)  # after the tick box, before the verdict
        else:
            into.append(child)
    for id_, frame in framed.items():
        frames.mark_solution(frame, id_)
    _add_permalinks(root)


def _add_permalinks(root: Element) -> None:
    """Make each heading a link to its own address, unless it has links."""
    for heading in [element for element in root.iter() if element.tag in _HEADINGS]:
        id_ = heading.get("id")
        if id_ and heading.find(".//a") is None:
            link = Element("a", {"class": "permalink", "href": f"#{id_}"})
            link.text, heading.text = heading.text, None
            link[:] = heading[:]
            heading[:] = [link]
