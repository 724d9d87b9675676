"""Waiting times at a constant rate of requests, ours beside FastAPI's."""

from __future__ import annotations

from collections import defaultdict
from statistics import median

from rich.console import Console
from rich.table import Table

from benchmarks.constant_rate import CONNECTIONS, send
from benchmarks.contenders import Contender, gunicorn, running, uvicorn
from benchmarks.typed_models import CONTRACT
from benchmarks.wrk_load import first_answer, measure, warm

OURS = Contender("this service", gunicorn("wsgi:app"))
TYPED = Contender(
    "FastAPI, typed models, our scorecard", uvicorn("benchmarks.fastapi_scorecard:app")
)
SHARES = (0.5, 0.8)
"""Of the rate at which FastAPI answers clients that wait for each answer."""

PATH = "/predict"
BODY = {"features": CONTRACT.example(), "policy": "default"}
FIGURES = ("p50", "p99", "p99.9", "late")


def run(console: Console, typed_rate: float, rounds: int, seconds: int) -> None:
    """Print the waiting times at shares of a rate."""
    found: dict[tuple[float, str, str], list[float]] = defaultdict(list)
    for _ in range(rounds):
        for contender in (OURS, TYPED):
            with running(contender) as (url, process):
                first_answer(url + PATH, contender, BODY, process)
                warm(url, contender, PATH, BODY)
                for share in SHARES:
                    times = send(url + PATH, BODY, share * typed_rate, seconds)
                    for figure in FIGURES:
                        found[share, contender.name, figure].append(times[figure])
    table = Table(
        title=f"POST {PATH} at a constant rate over {CONNECTIONS} connections, milliseconds from"
        f" when each was due; medians of {rounds} rounds",
        title_justify="left",
    )
    for heading in ("", "requests/s", "p50", "p99", "p99.9", "client's own delay, p99.9"):
        table.add_column(heading, justify="right" if heading else "left")
    for share in SHARES:
        for contender in (OURS, TYPED):
            row = [f"{median(found[share, contender.name, figure]):.2f}" for figure in FIGURES]
            table.add_row(contender.name, f"{share * typed_rate:,.0f}", *row)
    console.print(table)


if __name__ == "__main__":
    rate = measure([TYPED], PATH, BODY, rounds=1, seconds=4)[TYPED.name]["rate"]
    run(Console(width=120), rate, rounds=1, seconds=5)
