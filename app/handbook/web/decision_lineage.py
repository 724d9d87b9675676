"""Draws which decision superseded which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.handbook.documents.document_types import ADR

WIDTH, HEIGHT, GAP, ROOM = 250, 52, 56, 18
"""Size of a node, and distances between nodes, in SVG units."""

LONGEST = 30


@dataclass(frozen=True)
class Node:
    """A decision: position and text."""

    adr: ADR
    x: int
    y: int

    @property
    def title(self) -> str:
        """The title, cut to fit."""
        title = self.adr.title
        return title if len(title) <= LONGEST else f"{title[: LONGEST - 1].rstrip()}…"


@dataclass(frozen=True)
class Graph:
    """Superseded decisions and their successors, older ones to the left."""

    nodes: list[Node]
    arrows: list[tuple[int, int, int, int]]
    width: int
    height: int


def graph(adrs: Sequence[ADR]) -> Graph | None:
    """Make the drawing, or return None if no existing decision superseded another."""
    known = {adr.number: adr for adr in adrs if adr.number is not None}
    pairs = {
        (older, newer)
        for adr in known.values()
        for older, newer in (
            *((adr.number, number) for number in adr.superseded_by),
            *((number, adr.number) for number in adr.supersedes),
        )
        if older in known and newer in known and older != newer
    }
    if not pairs:
        return None
    columns = _columns(pairs)
    rows: dict[int, int] = {}  # the next free row of each column
    places: dict[int, Node] = {}
    before = {newer: older for older, newer in sorted(pairs, reverse=True)}
    for number in sorted(columns, key=lambda n: (columns[n], n)):
        column = columns[number]
        wanted = _row(places.get(before.get(number, -1)))
        row = max(wanted, rows.get(column, 0))
        rows[column] = row + 1
        at = (column * (WIDTH + GAP) + 1, row * (HEIGHT + ROOM) + 1)
        places[number] = Node(known[number], *at)
    middle = HEIGHT // 2
    arrows = [
        (places[a].x + WIDTH, places[a].y + middle, places[b].x, places[b].y + middle)
        for a, b in sorted(pairs)
    ]
    width = (max(columns.values()) + 1) * (WIDTH + GAP) - GAP + 2
    return Graph(list(places.values()), arrows, width, max(rows.values()) * (HEIGHT + ROOM))


def _row(node: Node | None) -> int:
    return node.y // (HEIGHT + ROOM) if node else 0


def _columns(pairs: set[tuple[int, int]]) -> dict[int, int]:
    """Count the decisions before each; a circle, which the check reports, is cut."""
    columns = {number: 0 for pair in pairs for number in pair}
    for _ in columns:
        changed = False
        for older, newer in sorted(pairs):
            if columns[newer] <= columns[older] < len(columns) - 1:
                columns[newer] = columns[older] + 1
                changed = True
        if not changed:
            break
    return columns
