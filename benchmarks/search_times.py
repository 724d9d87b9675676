"""Search and pages with a thousand documents loaded."""

from __future__ import annotations

import http.client
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import quantiles
from urllib.parse import quote, urlsplit

from rich.console import Console
from rich.table import Table

from app.handbook.documents.library import Library
from app.handbook.search import search_entries
from app.handbook.search.search_index import SearchIndex
from benchmarks import generated_documents
from benchmarks.contenders import Contender, gunicorn, running, wait

COUNT = 1000
REPEATS = 20
TARGET = 20.0  # milliseconds


def run(console: Console) -> None:
    """Print milliseconds of searches in process, and to the first byte of pages over HTTP."""
    with tempfile.TemporaryDirectory() as folder:
        titles = generated_documents.write(Path(folder), COUNT)
        started = time.perf_counter()
        library = Library(Path(folder))
        loaded = time.perf_counter()
        index = SearchIndex(search_entries.documents(library))
        indexed = time.perf_counter()
        console.print(
            f"{COUNT:,} documents: read in {loaded - started:.2f} s, "
            f"indexed in {indexed - loaded:.2f} s"
        )
        _print(console, "Search in process", _searches(index, titles))
        server = Contender(
            "pages", gunicorn("benchmarks.handbook_server:app"), {"DOCUMENTS": folder}
        )
        with running(server) as (url, _):
            wait(f"{url}/search.json?q=warm")
            _print(console, "First byte over HTTP", _pages(url, titles))


def _searches(index: SearchIndex, titles: list[str]) -> dict[str, list[float]]:
    """Milliseconds of each kind of query."""
    chosen = titles[:: len(titles) // REPEATS][:REPEATS]
    kinds: dict[str, Callable[[str], str]] = {
        "a title's four words": str,
        "an alert's name": lambda title: "ChurnApi" + title.title().replace(" ", ""),
        "two letters of a word": lambda title: title[:2],
        "a mistyped word": lambda title: title[1] + title[0] + title.split()[0][2:] + "x",
        "words that never meet": lambda title: f"{title} {title[::-1]} severity",
    }
    return {
        name: [_milliseconds(partial(index.search, make(title))) for title in chosen]
        for name, make in kinds.items()
    }


def _pages(url: str, titles: list[str]) -> dict[str, list[float]]:
    """Milliseconds from sending a request to the first byte of its answer, first visits apart."""
    paths = {
        "a runbook, first time": [f"/runbooks/document-{4 * i}" for i in range(REPEATS)],
        "a runbook, again": ["/runbooks/document-0"] * (REPEATS + 4),
        "the list of runbooks": ["/runbooks"] * REPEATS,
        "a search": [f"/search?q={quote(title)}" for title in titles[:REPEATS]],
    }
    return {name: [_first_byte(url, path) for path in each] for name, each in paths.items()}


def _first_byte(url: str, path: str) -> float:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
    connection.connect()

    def ask() -> None:
        connection.request("GET", path)
        connection.getresponse().read(1)

    taken = _milliseconds(ask)
    connection.close()
    return taken


def _milliseconds(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return (time.perf_counter() - started) * 1000


def _print(console: Console, title: str, measured: dict[str, list[float]]) -> None:
    table = Table(title=f"{title}, {COUNT:,} documents", title_justify="left")
    for heading in ("", "median ms", "p95 ms", "target", ""):
        table.add_column(heading, justify="right" if heading else "left")
    for name, each in measured.items():
        cuts = quantiles(each, n=20)
        met = "met" if cuts[9] < TARGET else "NOT MET"
        table.add_row(name, f"{cuts[9]:.1f}", f"{cuts[18]:.1f}", f"< {TARGET:.0f}", met)
    console.print(table)


if __name__ == "__main__":
    run(Console(width=120))
