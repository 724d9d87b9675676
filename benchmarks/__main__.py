"""`make bench`: every performance figure that the documents quote, beside its comparison."""

from __future__ import annotations

import argparse
import platform
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from app.access import key_file
from benchmarks import (
    batch,
    log_lines,
    mlserver_contender,
    model_quality,
    outage_times,
    scoring,
    search_times,
    stored_customers,
)
from benchmarks.contenders import Contender, gunicorn, uvicorn
from benchmarks.pipeline import write_pipeline
from benchmarks.typed_models import CONTRACT
from benchmarks.wrk_load import Measurement, measure

OURS = "this service"
DISPATCHED = "this service, a query: Flask's dispatch"
GUARDED = "this service, API keys and RATE_LIMIT"
BARE = "(a) bare WSGI callable, same gunicorn"
PIPELINE = "(b) FastAPI, pandas, scikit-learn pipeline"
TYPED = "(c) FastAPI, typed models, our scorecard"
MLSERVER = mlserver_contender.NAME

TARGETS = (
    (f"rate, {OURS} / (b)", lambda m: m[OURS]["rate"] / m[PIPELINE]["rate"], ">=", 15),
    (f"rate, {OURS} / (a)", lambda m: m[OURS]["rate"] / m[BARE]["rate"], ">=", 0.4),
    (f"rate, {GUARDED} / (a)", lambda m: m[GUARDED]["rate"] / m[BARE]["rate"], ">=", 0.4),
    (f"rate, {OURS} / (c)", lambda m: m[OURS]["rate"] / m[TYPED]["rate"], None, None),
    (
        f"rate, {OURS} / (d)",
        lambda m: m[OURS]["rate"] / m[MLSERVER]["rate"],
        ">=",
        1,
    ),
    ("memory of a worker, MB", lambda m: m[OURS]["memory"], "<=", 60),
    ("start to first answer, s", lambda m: m[OURS]["start"], "<=", 0.5),
)


def main() -> None:
    """Measure, and print the tables."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=5, help="medians are over these")
    options.add_argument("--seconds", type=int, default=4, help="of load a round and server")
    chosen = options.parse_args()
    console = Console(width=120)
    console.print(
        f"{platform.processor() or platform.machine()}, Python {platform.python_version()}"
    )

    scoring.run(console)
    log_lines.run(console)
    search_times.run(console)
    outage_times.run(console)
    with tempfile.TemporaryDirectory() as folder:
        pipeline = write_pipeline(Path(folder))
        body = {"features": CONTRACT.example(), "policy": "default"}
        key = key_file.add(Path(folder) / "keys.yaml", "load", ("predict",))
        guarded = {
            "API_KEYS_FILE": str(Path(folder) / "keys.yaml"),
            "RATE_LIMIT": "1000000/second",
        }
        contenders = [
            Contender(OURS, gunicorn("wsgi:app")),
            Contender(DISPATCHED, gunicorn("wsgi:app"), path="/predict?reasons=5", body=body),
            Contender(GUARDED, gunicorn("wsgi:app"), guarded, key=key),
            Contender(BARE, gunicorn("benchmarks.bare:app")),
            Contender(
                PIPELINE, uvicorn("benchmarks.fastapi_pipeline:app"), {"PIPELINE": str(pipeline)}
            ),
            Contender(TYPED, uvicorn("benchmarks.fastapi_scorecard:app")),
            mlserver_contender.contender(),
        ]
        measured = measure(contenders, "/predict", body, chosen.rounds, chosen.seconds)
    _print(console, measured, chosen.rounds)
    rate = batch.run(console, chosen.rounds, chosen.seconds)
    times = rate / measured[PIPELINE]["rate"]
    met = "met" if times >= batch.TIMES_THE_PIPELINE else "NOT MET"
    console.print(f"customers a second, our batch / (b) asked one by one: {times:,.0f}", met)
    stored_customers.run(console)
    model_quality.run(console)


def _print(console: Console, measured: dict[str, Measurement], rounds: int) -> None:
    table = Table(
        title=f"POST /predict, one core, 8 connections; medians of {rounds} rounds",
        title_justify="left",
    )
    for heading in ("", "requests/s", "p50 ms", "p99 ms", "CPU µs", "memory MB", "to 1st answer s"):
        table.add_column(heading, justify="right" if heading else "left")
    for name, m in measured.items():
        row = f"{m['rate']:,.0f}", f"{m['p50']:.2f}", f"{m['p99']:.2f}"
        table.add_row(name, *row, f"{m['cpu']:,.0f}", f"{m['memory']:.0f}", f"{m['start']:.2f}")
    console.print(table)

    table = Table(title="Targets", title_justify="left")
    for heading in ("", "measured", "target", ""):
        table.add_column(heading, justify="right" if heading else "left")
    for name, figure, relation, target in TARGETS:
        value = figure(measured)
        verdict = ""
        if target is not None:
            met = value >= target if relation == ">=" else value <= target
            verdict = "met" if met else "NOT MET"
        wanted = f"{relation} {target}" if target is not None else ""
        table.add_row(name, f"{value:.2f}", wanted, verdict)
    console.print(table)


if __name__ == "__main__":
    main()
