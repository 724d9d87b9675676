"""Writes the figures into the guides: tables between markers, and the charts."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from app.writing.atomic_files import atomic_write
from benchmarks import capacity_advice, capacity_chart, capacity_tables
from benchmarks.capacity_cells import WORKERS, Figures

GUIDES = Path(__file__).parent.parent / "guides"

BLOCKS: dict[str, dict[str, Callable[[Figures], str]]] = {
    "load-test-results.md": {
        "run": capacity_tables.run,
        "summary": capacity_tables.summary,
        "cells": capacity_tables.cells,
    },
    "capacity.md": {
        "rates": capacity_advice.rates,
        "memory": capacity_advice.memory,
        "replicas": capacity_advice.replicas,
        "autoscaler": capacity_advice.autoscaler,
    },
}
"""The blocks of each guide, by the names of their markers."""


def render(figures: Figures, guides: Path = GUIDES) -> dict[Path, str]:
    """Return what the files must contain.

    Raises:
        ValueError: a guide lacks a marker.
        OSError: a guide cannot be read.
    """
    made = {}
    for name, blocks in BLOCKS.items():
        text = (guides / name).read_text("utf-8")
        for block, content in blocks.items():
            text = fill(text, block, content(figures))
        made[guides / name] = text
    for workers in WORKERS:
        made[guides / f"capacity-{workers}.svg"] = capacity_chart.draw(figures, workers)
    return made


def fill(text: str, block: str, content: str) -> str:
    """Put content between the markers of a block.

    Raises:
        ValueError: the markers aren't there once.
    """
    begin, end = f"<!-- figures: {block} -->", f"<!-- end: {block} -->"
    filled, found = re.subn(
        f"{re.escape(begin)}.*?{re.escape(end)}",
        lambda _: f"{begin}\n\n{content}\n\n{end}",
        text,
        flags=re.DOTALL,
    )
    if found != 1:
        raise ValueError(f"the markers of {block} are there {found} times")
    return filled


def differing(figures: Figures, guides: Path = GUIDES) -> list[str]:
    """Name the files that don't follow from the figures."""
    made = render(figures, guides)
    return [
        path.name
        for path, text in made.items()
        if not path.exists() or path.read_text("utf-8") != text
    ]


def write(figures: Figures, guides: Path = GUIDES) -> None:
    """Write guides and charts."""
    for path, text in render(figures, guides).items():
        with atomic_write(path) as file:
            file.write(text)
