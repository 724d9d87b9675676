"""How long pages take while database, cache and Prometheus take connections and say nothing."""

from __future__ import annotations

import json
import time
import urllib.request
from statistics import median

from rich.console import Console
from rich.table import Table

from benchmarks.contenders import Contender, gunicorn, running, wait
from tools.silent_server import environment, silent

ROUNDS = 10
TARGET = 100.0  # milliseconds
PAGES = (
    *("/", "/runbooks", "/adrs", "/guides", "/model-card", "/problems", "/docs", "/redoc"),
    "/search?q=latency",
)


def run(console: Console) -> None:
    """Print milliseconds of the slowest pages, first visits included."""
    with silent() as away:
        server = Contender("cut off", gunicorn("wsgi:app"), environment(away.address))
        with running(server) as (url, _):
            wait(f"{url}/health/live")
            with urllib.request.urlopen(f"{url}/handbook.json", timeout=60) as answer:
                documents = json.load(answer)["documents"]
            paths = sorted({*PAGES, *(document["url"] for document in documents)})
            taken = {path: [_get(url + path) for _ in range(ROUNDS)] for path in paths}
    table = Table(
        title=f"{len(paths)} pages with database, cache and Prometheus silent; the three slowest",
        title_justify="left",
    )
    for heading in ("", "first ms", "median ms", "target", ""):
        table.add_column(heading, justify="right" if heading else "left")
    for path, each in sorted(taken.items(), key=lambda item: -max(item[1]))[:3]:
        met = "met" if max(each) < TARGET else "NOT MET"
        row = f"{each[0]:.1f}", f"{median(each):.1f}", f"< {TARGET:.0f}"
        table.add_row(path, *row, met)
    console.print(table)


def _get(url: str) -> float:
    started = time.perf_counter()
    with urllib.request.urlopen(url, timeout=60) as answer:
        answer.read()
    return (time.perf_counter() - started) * 1000


if __name__ == "__main__":
    run(Console(width=120))
