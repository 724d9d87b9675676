"""Rates, times and memory at 1 to 256 connections, written into the guides.

An interrupted run changes no document, and the next run goes on after the last endpoint that
was measured whole.
"""

from __future__ import annotations

import argparse
import os
import platform
import signal
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import psutil
from rich.console import Console

from benchmarks import capacity_cells, capacity_load, capacity_pages, capacity_sizing
from benchmarks.capacity_cells import ENDPOINTS, SETTINGS, WORKERS, Cell, Figures, saturated

UNFINISHED = Path(__file__).parent.parent / "build" / "capacity-unfinished.json"

FRESH_SECONDS = 3600
"""Age of an unfinished run beyond which it is begun anew."""

SECONDS = 2
"""Of load for each cell."""


def run(console: Console, seconds: int = SECONDS, unfinished: Path = UNFINISHED) -> Figures:
    """Measure what is not measured yet, then write figures, guides and charts."""
    figures = measure(console, seconds, unfinished)
    capacity_cells.write(figures)
    capacity_pages.write(figures)
    unfinished.unlink()
    for fault in capacity_sizing.faults(figures):
        console.print(f"NOT MET: {fault}")
    return figures


def measure(console: Console, seconds: int, unfinished: Path) -> Figures:
    """Measure, and keep each endpoint's cells in a file as soon as they are whole."""
    figures, tell = _begun(unfinished, seconds), partial(_tell, console)
    unfinished.parent.mkdir(exist_ok=True)
    if figures.cells:
        console.print(f"{len(figures.cells)} cells of the run that was interrupted are kept")
    for setting in SETTINGS:
        for workers in WORKERS:
            lines = [e for e in ENDPOINTS[setting] if not figures.of(setting, e, workers)]
            if not lines:
                continue
            with (
                tempfile.TemporaryDirectory(prefix="churn-capacity-") as folder,
                capacity_load.running(setting, workers, Path(folder)) as service,
            ):
                for endpoint in lines:
                    cells = capacity_load.measure(service, endpoint, seconds, tell)
                    figures = replace(figures, cells=(*figures.cells, *cells))
                    capacity_cells.write(figures, unfinished)
    return figures


def _begun(unfinished: Path, seconds: int) -> Figures:
    """Return the run that was interrupted lately, or a new one."""
    if unfinished.exists() and time.time() - unfinished.stat().st_mtime < FRESH_SECONDS:
        begun = capacity_cells.read(unfinished)
        if begun.seconds == seconds:
            return begun
    return Figures(
        date=datetime.now(UTC).date().isoformat(),
        machine=machine(),
        seconds=seconds,
        customers=capacity_load.CUSTOMERS,
        asked=capacity_load.ASKED,
        cells=(),
    )


def machine() -> str:
    """Describe the machine: cores, processor, memory, Python."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    processor = names[0] if names else platform.machine()
    memory = psutil.virtual_memory().total / 1e9
    cores = len(os.sched_getaffinity(0))
    return f"{cores} cores of {processor}, {memory:.0f} GB, Python {platform.python_version()}"


def _tell(console: Console, cell: Cell) -> None:
    console.print(
        f"{cell.setting}, workers {cell.workers}, {cell.endpoint}, connections "
        f"{cell.connections}: {cell.rate:,.1f}/s, p50 {cell.p50} ms, p99 {cell.p99} ms, "
        f"CPU {cell.cpu:,.0f} µs, {cell.pss:.0f} MB, failed {cell.failed:.1%} {saturated(cell)}",
        highlight=False,
    )


def check() -> int:
    """Return 1 where a guide, a chart or a manifest doesn't follow from the figures, else 0."""
    figures = capacity_cells.read()
    found = [
        f"{name} is not what the figures make: run python -m benchmarks.capacity --write"
        for name in capacity_pages.differing(figures)
    ]
    found += capacity_sizing.faults(figures)
    for line in found:
        print(line, file=sys.stderr)
    return 1 if found else 0


def main() -> int:
    """Measure and write; or write again from the figures, or check."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=int, default=SECONDS, help="of load for each cell")
    again = options.add_mutually_exclusive_group()
    again.add_argument("--check", action="store_true", help="compare documents with the figures")
    again.add_argument("--write", action="store_true", help="write documents from the figures")
    chosen = options.parse_args()
    if chosen.check:
        return check()
    if chosen.write:
        capacity_pages.write(capacity_cells.read())
        return 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that servers are stopped
    run(Console(width=160), chosen.seconds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
