"""Ten million customers in a file: `churn score` beside pyarrow, which only reads and writes.

pyarrow reads the same columns and writes the same result, which it has in memory: all that a
scorer would add is left out. The command's time includes its start; it also brings the result to
the disk before it ends, which pyarrow doesn't.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
from pyarrow import csv, parquet
from rich.console import Console
from rich.table import Table

from benchmarks.contenders import ROOT
from benchmarks.many_customers import CHUNK

COUNT = 10_000_000
ROUNDS = 3
TIMES = {0: 2.0, 3: 4.0}
"""By number of reasons: most times the time of pyarrow."""

GOAL = 1.5
"""Times the time of pyarrow that we aim at, without reasons."""

MEMORY = 1000.0
"""Most memory of the command, in MB."""


def run(console: Console, count: int = COUNT, rounds: int = ROUNDS) -> None:
    """Print the seconds of both for Parquet and CSV, their ratio, and the command's memory.

    Each round runs both, one after the other. The figures are those of the best of each.
    """
    table = Table(title=f"{count:,} customers of a file", title_justify="left")
    for heading in (
        "",
        "pyarrow, s",
        "churn score, s",
        "ratio",
        "at most",
        "",
        "MB",
        "at most",
        "",
    ):
        table.add_column(heading, justify="right" if heading else "left")
    with tempfile.TemporaryDirectory() as folder:
        for kind in ("parquet", "csv"):
            source = Path(folder) / f"customers.{kind}"
            _make(source, count)
            for reasons, times in TIMES.items():
                alone, ours, memory = _measured(source, kind, reasons, count, rounds)
                ratio = ours / alone
                table.add_row(
                    f"{kind}, {reasons} reasons" if reasons else kind,
                    f"{alone:.1f}",
                    f"{ours:.1f}",
                    f"{ratio:.2f}",
                    f"{times}" if reasons else f"{times}, goal {GOAL}",
                    "met" if ratio <= times else "NOT MET",
                    f"{memory:.0f}",
                    f"{MEMORY:.0f}",
                    "met" if memory < MEMORY else "NOT MET",
                )
            source.unlink()
    console.print(table)


def _make(source: Path, count: int) -> None:
    """Write the file in a process of its own.

    A command counts the memory of whoever starts it as its own peak, so this process stays small.
    """
    command = [sys.executable, "-m", "benchmarks.many_customers", str(source), f"--rows={count}"]
    subprocess.run(command, cwd=ROOT, check=True)


def _measured(
    source: Path, kind: str, reasons: int, count: int, rounds: int
) -> tuple[float, float, float]:
    """Return the seconds of pyarrow and of the command, and the command's memory in MB."""
    result, written = source.with_name(f"scores.{kind}"), source.with_name(f"copy.{kind}")
    alone, ours, memory = [], [], []
    for _ in range(rounds):
        seconds, peak = _scored(source, result, reasons, count)
        ours.append(seconds)
        memory.append(peak)
        command = [sys.executable, "-m", "benchmarks.file_scoring", "--alone", source, result]
        done = subprocess.run([*command, written], cwd=ROOT, capture_output=True, check=True)
        alone.append(float(done.stdout))
        written.unlink()
    result.unlink()
    return min(alone), min(ours), max(memory)


def _scored(source: Path, result: Path, reasons: int, count: int) -> tuple[float, float]:
    """Run the command; return its seconds and its memory in MB."""
    options = ["--output", str(result), "--reasons", str(reasons)]
    started = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-m", "app.cli.main", "score", str(source), *options],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        told = process.stdout.read() if process.stdout else ""
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode or not told.startswith(f"{count} read, {count} scored"):
        raise SystemExit(f"churn score ended with {process.returncode}: {told}")
    return seconds, usage.ru_maxrss / 1000


def alone(source: Path, result: Path, written: Path) -> float:
    """Return the seconds that pyarrow needs to read a file and to write a result.

    It reads in the faster of its two ways: the whole file at once, or in batches.
    """
    if source.suffix == ".parquet":
        table = parquet.read_table(result)
        reads = (_whole_parquet, _parquet_batches)
    else:
        table = csv.read_csv(result)
        reads = (_whole_csv, _csv_batches)
    seconds = min(_seconds(read, source) for read in reads)
    return seconds + _seconds(_write, table, written)


def _whole_parquet(source: Path) -> None:
    parquet.read_table(source)


def _parquet_batches(source: Path) -> None:
    for _ in parquet.ParquetFile(source).iter_batches(CHUNK >> 3):
        pass


def _whole_csv(source: Path) -> None:
    csv.read_csv(source)


def _csv_batches(source: Path) -> None:
    options = csv.ReadOptions(block_size=8 << 20)
    with csv.open_csv(source, read_options=options) as batches:
        for _ in batches:
            pass


def _write(table: pa.Table, written: Path) -> None:
    """Write a result as the command does: texts that repeat as dictionaries, and no quotes."""
    if written.suffix == ".csv":
        csv.write_csv(table, written, csv.WriteOptions(quoting_style="none"))
        return
    few = [field.name for field in table.schema if pa.types.is_dictionary(field.type)]
    parquet.write_table(table, written, use_dictionary=few)


def _seconds(work: Callable[..., None], *given: object) -> float:
    started = time.perf_counter()
    work(*given)
    return time.perf_counter() - started


def main() -> None:
    """Print the table, or the seconds of pyarrow alone."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=COUNT)
    options.add_argument("--rounds", type=int, default=ROUNDS)
    options.add_argument("--alone", nargs=3, type=Path, metavar=("IN", "RESULT", "OUT"))
    chosen = options.parse_args()
    if chosen.alone:
        print(alone(*chosen.alone))
    else:
        run(Console(width=120), chosen.rows, chosen.rounds)


if __name__ == "__main__":
    main()
