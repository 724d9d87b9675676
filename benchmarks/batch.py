"""A batch of a thousand customers, beside the usual ways to serve one."""

from __future__ import annotations

import csv
import tempfile
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from app.customers.files.sample_file import SAMPLE
from benchmarks.contenders import Contender, gunicorn, uvicorn
from benchmarks.pipeline import write_pipeline
from benchmarks.typed_models import CONTRACT
from benchmarks.wrk_load import measure
from model.cell_reading import cell_readers

SIZE = 1000

OURS = "this service, five reasons each"
TYPED = "FastAPI, typed models, our scorecard, five reasons each"
PIPELINE = "FastAPI, pandas, scikit-learn pipeline, one frame, no reasons"

CEILING = "JSON read and written by orjson, nothing between"

TIMES_THE_PIPELINE = 20
TARGETS = ((TYPED, 1), (PIPELINE, TIMES_THE_PIPELINE))
"""The goal: our rate as a multiple of the contender's."""


def run(console: Console, rounds: int, seconds: int) -> float:
    """Print batches a second of each, and ours as a multiple of the others'.

    Returns:
        How many customers a second ours scores.
    """
    with tempfile.TemporaryDirectory() as folder:
        environ = {"PIPELINE": str(write_pipeline(Path(folder)))}
        contenders = [
            Contender(OURS, gunicorn("wsgi:app")),
            Contender(TYPED, uvicorn("benchmarks.fastapi_scorecard:app")),
            Contender(PIPELINE, uvicorn("benchmarks.fastapi_pipeline:app"), environ),
            Contender(CEILING, gunicorn("benchmarks.bare_batch:app", "-k", "sync")),
        ]
        measured = measure(contenders, "/predict/batch", body(), rounds, seconds)
    table = Table(
        title=f"POST /predict/batch, {SIZE:,} customers, one core; medians of {rounds} rounds",
        title_justify="left",
    )
    for heading in (
        "",
        "batches/s",
        "customers/s",
        "p50 ms",
        "CPU ms",
        "ours / this",
        "target",
        "",
    ):
        table.add_column(heading, justify="right" if heading else "left")
    for name, m in measured.items():
        row = [f"{m['rate']:.1f}", f"{m['rate'] * SIZE:,.0f}"]
        row += [f"{m['p50']:.0f}", f"{m['cpu'] / 1000:.1f}"]
        times = measured[OURS]["rate"] / m["rate"]
        target = dict(TARGETS).get(name)
        if target is not None:
            met = "met" if times >= target else "NOT MET"
            row += [f"{times:.2f}", f">= {target}", met]
        table.add_row(name, *row)
    console.print(table)
    times = measured[CEILING]["rate"] / measured[PIPELINE]["rate"]
    console.print(f"{CEILING} / the pipeline: {times:.1f}")
    return measured[OURS]["rate"] * SIZE


def body() -> dict[str, Any]:
    """A batch of the sample's customers, over and over."""
    with SAMPLE.open(newline="") as file:
        rows = list(csv.DictReader(file))
    readers = cell_readers(CONTRACT)
    customers = [
        {name: reader.from_text(row[name]) for name, reader in readers.items()} for row in rows
    ]
    return {
        "customers": [
            {"id": f"c-{i}", "features": customers[i % len(customers)]} for i in range(SIZE)
        ]
    }


if __name__ == "__main__":
    run(Console(width=120), rounds=1, seconds=4)
