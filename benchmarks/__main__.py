"""`make bench`: every performance figure that the documents quote, beside its comparison."""

from __future__ import annotations

import argparse
import platform

from rich.console import Console

from benchmarks import (
    array_scoring,
    batch,
    capacity,
    compressed_pages,
    customers_in_place,
    file_scoring,
    log_lines,
    model_quality,
    open_loop,
    outage_times,
    scorecard_sql,
    scoring,
    search_times,
    singles,
    stored_customers,
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
    array_scoring.run(console)
    file_scoring.run(console)
    scorecard_sql.run(console)
    log_lines.run(console)
    search_times.run(console)
    outage_times.run(console)
    compressed_pages.run(console)
    found = singles.run(console, chosen.rounds, chosen.seconds)
    open_loop.run(console, found[open_loop.TYPED.name]["rate"], chosen.rounds, chosen.seconds)
    rate = batch.run(console, chosen.rounds, chosen.seconds)
    times = rate / found[singles.PIPELINE]["rate"]
    met = "met" if times >= batch.TIMES_THE_PIPELINE else "NOT MET"
    console.print(
        f"customers a second, our batch / {singles.PIPELINE}, asked one by one: {times:,.0f}", met
    )
    stored_customers.run(console)
    customers_in_place.run(console)
    capacity.run(console)
    model_quality.run(console)


if __name__ == "__main__":
    main()
