"""The scorecard as one SQL query: its size, and how fast three databases answer it."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial

from rich.console import Console

from app.config import Settings
from app.predictions.scorer import Scorer
from app.releases.registry import ReleaseRegistry
from model.sql.dialect import DIALECTS
from model.sql.scorecard_query import scorecard_query
from tools.contract_rows import ID, TABLE, customers, duckdb_table, postgresql_table, sqlite_table
from tools.databases import postgresql

NUMBER = 100_000
ROUNDS = 3


def run(console: Console) -> None:
    """Print the size of each query and the seconds for 100,000 customers (best of 3)."""
    release = ReleaseRegistry(Settings.from_environment().model_dir).serving
    assert release is not None
    scorecard, contract = release.scorecard, release.contract
    rows = customers([scorecard], contract, NUMBER, 1)
    console.print(f"Release {release.version} as one SQL query, {NUMBER:,} customers:")
    with ExitStack() as opened:
        cluster = opened.enter_context(postgresql())
        runs = {
            "postgresql": opened.enter_context(postgresql_table(cluster.new(), contract, rows)),
            "sqlite": opened.enter_context(sqlite_table(contract, rows)),
            "duckdb": opened.enter_context(duckdb_table(contract, rows)),
        }
        for name, answer in runs.items():
            query = scorecard_query(scorecard, contract, DIALECTS[name], TABLE, ID)
            best = min(_seconds(partial(answer, query)) for _ in range(ROUNDS))
            console.print(f"  {name:<20}{len(query) / 1e3:6.0f} kB{best:8.2f} s")
    named = [dict(zip(contract.names, row, strict=True)) for row in rows]
    sound = [customer for customer in named if contract.accepts(customer)]
    scorer = Scorer(scorecard, contract)
    best = min(_seconds(lambda: scorer.score_many(sound)) for _ in range(ROUNDS))
    console.print(f"  {'score_many, Python':<29}{best:8.2f} s")


def _seconds(answer: Callable[[], object]) -> float:
    start = time.perf_counter()
    answer()
    return time.perf_counter() - start


if __name__ == "__main__":
    run(Console(width=120))
