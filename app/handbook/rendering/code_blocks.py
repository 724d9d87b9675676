"""Makes the elements of code: blocks with a head, two places' variants in tabs, dashboards."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote
from xml.etree.ElementTree import Element, SubElement

from markdown.util import AtomicString

from app.handbook.documents import command_blocks

PLACES = {"cluster": "Cluster", "machine": "Machine"}
"""Where commands are run, in the order of the tabs."""

_NEEDS = {
    "cluster": "a cluster",
    "grafana": "Grafana",
    "postgresql": "PostgreSQL",
    "prometheus": "Prometheus",
    "redis": "Redis",
    "root": "root",
    "systemd": "systemd",
}
"""What blocks need, as their readers call it."""


def code_block(text: str, info: str) -> Element:
    """Render a block of code below a head: its language, what it needs, how it is proven."""
    language = next(iter(info.split()), "")
    block = Element("div", {"class": "code"})
    head = SubElement(block, "p", {"class": "language"})
    head.text = AtomicString(language)
    marks = command_blocks.marks(info)
    if language in command_blocks.LANGUAGES and "output" not in marks.words:
        place = "cluster" if "cluster" in marks.needs else "machine"
        block.set("class", f"code {place}")
        for need in marks.needs:
            chip = SubElement(head, "span", {"class": "chip need"})
            chip.text = AtomicString(f"Needs {_NEEDS.get(need, need)}")
        if marks.proof:
            proven = SubElement(head, "span", {"class": "proven"})
            proven.text = command_blocks.PROOFS[marks.proof]
        head.text = AtomicString(f"{language} ")
        for mark in head:
            mark.tail = " "  # copied or read aloud, the words stay apart
    inner = SubElement(SubElement(block, "pre", tabindex="0"), "code")
    inner.text = AtomicString(text)
    return block


def dashboard(name: str, grafana_url: str) -> Element:
    """Render the link to a dashboard, or say that nobody told us where Grafana is."""
    line = Element("p", {"class": "dashboard"})
    if grafana_url:
        address = f"{grafana_url}/d/{quote(name, safe='')}"
        SubElement(line, "a", href=address).text = AtomicString(f"Dashboard {name}")
    else:
        line.text = "Dashboard "
        shown = SubElement(line, "code")
        shown.text, shown.tail = AtomicString(name), " in Grafana: GRAFANA_URL isn't set"
    return line


def join_places(root: Element) -> None:
    """Put a cluster's block and a machine's, one right behind the other, into tabs."""
    for parent in list(root.iter()):
        for first, second in list(_pairs(parent)):
            position = list(parent).index(first)
            tabs = Element("div", {"class": "tabs"})
            tabs.tail = second.tail
            for block in sorted((first, second), key=_place):
                parent.remove(block)
                block.tail = None
                panel = SubElement(tabs, "div", {"class": f"panel {_place(block)}"})
                SubElement(panel, "p", {"class": "label"}).text = PLACES[_place(block)]
                panel.append(block)
            parent.insert(position, tabs)


def _pairs(parent: Element) -> Iterator[tuple[Element, Element]]:
    """Yield the neighbours of different places; a block belongs to one pair at most."""
    children = iter(zip(list(parent), list(parent)[1:], strict=False))
    for first, second in children:
        places = {_place(first), _place(second)}
        if places == PLACES.keys():
            yield first, second
            next(children, None)


def _place(block: Element) -> str:
    """Where a block's commands are run, or empty."""
    return block.get("class", "").removeprefix("code ") if block.tag == "div" else ""
