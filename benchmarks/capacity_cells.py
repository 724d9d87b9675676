"""What the service did at one level of load, the file of all levels, and what was used up."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from app.writing.atomic_files import atomic_write

FILE = Path(__file__).with_name("capacity.json")

USED_UP = 0.9
"""Share of a core from which it counts as used up: the rest is waiting between requests."""

SERVER_CORE = "server's core"

WORKERS = (1, 2)
CONNECTIONS = (1, 8, 32, 64, 128, 256)

SQLITE, SHARED = "SQLite", "PostgreSQL and Redis"
SETTINGS = (SQLITE, SHARED)

PREDICT, BATCH = "POST /predict", "POST /predict/batch"
LOOKUP, RANKING = "GET /customers/ID/prediction", "GET /customers/at-risk"
ENDPOINTS = {SQLITE: (PREDICT, BATCH, LOOKUP, RANKING), SHARED: (PREDICT, LOOKUP, RANKING)}
"""What is asked in each setting. A batch is the same work in both: neither is asked for it."""


@dataclass(frozen=True)
class Cell:
    """One setting, number of workers, endpoint and number of connections, and what was measured."""

    setting: str
    workers: int
    endpoint: str
    connections: int
    rate: float  # requests a second that were answered well
    p50: float  # milliseconds, of all requests
    p99: float
    failed: float  # share of all requests: other answers than 2xx, most of them 503, and none
    cpu: float  # microseconds of the server's processor time for each request
    pss: float  # MB of a worker, the mean; what processes share counts once
    peak: float  # MB of the worker that ever had most
    master: float  # MB of the process that started the workers
    worker: float  # share of a core that the busiest worker used
    server: float  # cores that master and workers used together
    load: float  # the same of wrk
    database: float
    cache: float
    foreign: float  # of processes that have nothing to do with the measurement
    hits: float | None  # share of lookups that the cache answered; None: none was made


@dataclass(frozen=True)
class Figures:
    """All cells of a run."""

    date: str
    machine: str
    seconds: int
    customers: int
    asked: int
    cells: tuple[Cell, ...]

    def of(self, setting: str, endpoint: str, workers: int) -> list[Cell]:
        """The cells of one line of the chart, by rising number of connections."""
        found = [
            cell
            for cell in self.cells
            if (cell.setting, cell.endpoint, cell.workers) == (setting, endpoint, workers)
        ]
        return sorted(found, key=lambda cell: cell.connections)

    def lines(self) -> list[tuple[str, str]]:
        """Settings and endpoints in the order of the tables."""
        return [(setting, endpoint) for setting in SETTINGS for endpoint in ENDPOINTS[setting]]


def read(file: Path = FILE) -> Figures:
    """Read the figures of the last run.

    Raises:
        OSError: they cannot be read.
    """
    written = json.loads(file.read_text("utf-8"))
    cells = tuple(Cell(**cell) for cell in written.pop("cells"))
    return Figures(**written, cells=cells)


def write(figures: Figures, file: Path = FILE) -> None:
    """Write the figures, one line for each cell."""
    head = {name: value for name, value in asdict(figures).items() if name != "cells"}
    lines = ",\n".join(f"    {json.dumps(asdict(cell))}" for cell in figures.cells)
    text = json.dumps({**head, "cells": []}, indent=2).replace("[]", f"[\n{lines}\n  ]")
    with atomic_write(file) as out:
        out.write(text + "\n")


def saturated(cell: Cell) -> str:
    """Name what was used up; "" where nothing was.

    One worker has a core of its own, and everything else shares the other. Two workers share both
    cores with everything else: the largest user is named once both are used up.
    """
    others = {"load generator": cell.load, "database": cell.database, "cache": cell.cache}
    most = max(others, key=lambda name: others[name])
    if cell.workers == 1:
        if cell.worker >= USED_UP:
            return SERVER_CORE
        return most if sum(others.values()) >= USED_UP else ""
    if cell.server + sum(others.values()) >= USED_UP * 2:
        return "both cores, " + ("server" if cell.server >= others[most] else most) + " most"
    return ""


def first_saturated(cells: Iterable[Cell]) -> tuple[str, int]:
    """Name what is used up first, and from how many connections; ("", 0) where nothing is."""
    for cell in cells:
        if found := saturated(cell):
            return found, cell.connections
    return "", 0
