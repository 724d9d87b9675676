"""Batches as HTTP sends them, by the plain engine and with arrays."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from time import process_time
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table

from app.http import strict_json
from app.http.json_encoding import dumps
from app.predictions.inference_choice import LARGE
from app.predictions.scorer import Scorer
from app.predictions.service import SLICE
from app.predictions.validation import read_batch
from app.releases.release_loader import Release
from benchmarks import batch, unknown_features
from benchmarks.array_answers import ArrayAnswers
from benchmarks.typed_models import CONTRACT
from model.columnar.batch_inference import BatchInference

TURNS = 40

LOADING = """
from time import process_time
from psutil import Process
import wsgi
before, start = Process().memory_full_info().uss, process_time()
import model.columnar.batch_inference
print((Process().memory_full_info().uss - before) / 1e6, process_time() - start)
"""

Customers = Sequence[dict[str, Any]]
Step = Callable[[Customers], object]


def run(console: Console, release: Release) -> None:
    """Print the time of the answers, and what the quicker way does for a whole request."""
    rows = [customer["features"] for customer in batch.body()["customers"]]
    sets = unknown_features.different_sets(len(rows))
    partial = [dict(customer) for customer in unknown_features.hide(rows, sets)]
    scorer, whole = (make(release.scorecard, CONTRACT) for make in (Scorer, ArrayAnswers))
    policy = scorer.policy("default")
    table = Table(
        title="Answers to a batch, five reasons each, by what is known: ms of processor time",
        title_justify="left",
    )
    for heading in ("", "customers", "plain", "arrays", "plain / arrays", "of the whole request"):
        table.add_column(heading, justify="right" if heading else "left")
    for number in (10, SLICE, batch.SIZE):
        row = ["everything: whole answers out of arrays", f"{number:,}"]
        arrays: Step = lambda some: whole.answers(some, policy, 5)  # noqa: E731
        table.add_row(*row, *_compared(rows[:number], _by(scorer, SLICE), arrays))
    for number in (SLICE, batch.SIZE):
        row = ["different sets: the inference with arrays", f"{number:,}"]
        plain, arrays = _by(scorer, LARGE - 1), _by(scorer, SLICE)
        table.add_row(*row, *_compared(partial[:number], plain, arrays))
    console.print(table)
    _inference(console, release, partial)
    done = subprocess.run([sys.executable, "-c", LOADING], capture_output=True, check=True)
    memory, seconds = done.stdout.split()
    console.print(
        f"To load numpy costs a server {float(memory):.0f} MB and {float(seconds):.2f} s of the "
        "processor, once"
    )


def _by(scorer: Scorer, size: int) -> Step:
    """Return what scores slices of that many customers and writes the answers."""

    def answers(customers: Customers) -> None:
        for start in range(0, len(customers), size):
            dumps(scorer.score_many(customers[start : start + size]))

    return answers


def _compared(customers: Customers, plain: Step, arrays: Step) -> tuple[str, ...]:
    body = json.dumps(
        {"customers": [{"id": f"c-{n}", "features": one} for n, one in enumerate(customers)]}
    ).encode()
    reading = _best((), lambda _: read_batch(CONTRACT, strict_json.loads(body)))
    one, other = _best(customers, plain), _best(customers, arrays)
    request = (reading + one) / (reading + other)
    figures = (one * 1e3, other * 1e3, one / other, request)
    return tuple(f"{figure:.2f}" for figure in figures)


def _inference(console: Console, release: Release, partial: Customers) -> None:
    """Print the inference alone: from how many customers on arrays take less time."""
    factors = release.scorecard.factors
    if factors is None:
        return
    arrays = BatchInference(factors, CONTRACT)
    whole = [CONTRACT.nothing | customer for customer in partial]
    console.print("Inference alone, µs a customer:")
    for number in (10, 20, LARGE, SLICE, len(whole)):
        some, known = whole[:number], [0.0] * number
        one = _best(some, lambda found: [factors.infer(c.get, 0.0) for c in found])
        other = _best(some, lambda found, known=known: arrays.infer(found, known))
        times = f"{one / number * 1e6:6.1f} plain, {other / number * 1e6:6.1f} with arrays"
        console.print(f"  {number:>5,} customers: {times}")


def _best(customers: Customers, step: Step) -> float:
    """Return seconds, each time for texts that were just read: those used before are hashed."""
    text, taken = orjson.dumps(customers), []
    for _ in range(TURNS):
        fresh = orjson.loads(text)
        start = process_time()
        step(fresh)
        taken.append(process_time() - start)
    return min(taken)
