"""What a prediction consists of, without HTTP: one, and a thousand in a batch."""

from __future__ import annotations

import json
from collections.abc import Callable
from timeit import repeat
from typing import Any

import orjson
from rich.console import Console

from app.config import Settings
from app.http import strict_json, strict_json_reader
from app.http.json_encoding import dumps
from app.predictions.request_schemas import prediction_request
from app.predictions.scorer import Scorer
from app.predictions.validation import read_batch, read_request
from app.releases.registry import ReleaseRegistry
from benchmarks import batch, unknown_features
from benchmarks.typed_models import CONTRACT

TURNS = 50
SLICE = 100
"""Customers."""


def run(console: Console) -> None:
    """Print the time of each step: the best of five repeats."""
    release = ReleaseRegistry(Settings.from_environment().model_dir).serving
    assert release is not None
    scorer = Scorer(release.scorecard, CONTRACT)
    features = CONTRACT.example()
    body = {"features": features, "policy": "default"}
    text = json.dumps(body).encode()
    schema = prediction_request(CONTRACT)
    console.print("One prediction without HTTP, microseconds (best of 5 x 2,000):")
    steps: dict[str, Callable[[], Any]] = {
        "read JSON": lambda: strict_json.loads(text),
        "the same by the thorough reader": lambda: strict_json_reader.read_thoroughly(text),
        "check a body in one pass": lambda: read_request(CONTRACT, body),
        "check the same with marshmallow": lambda: super(type(schema), schema).load(body),
        "effects of 19 features": lambda: release.scorecard.effects(features),
        "whole answer with five reasons": lambda: scorer.score(features),
    }
    _print(console, steps, 2000, 1e6)

    bodies = batch.body()
    rows = [customer["features"] for customer in bodies["customers"]]
    sets = unknown_features.different_sets(len(rows))
    partial = {
        "customers": [
            {"id": customer["id"], "features": features}
            for customer, features in zip(
                bodies["customers"], unknown_features.hide(rows, sets), strict=True
            )
        ]
    }
    texts = json.dumps(bodies).encode()
    console.print("A batch of 1,000 without HTTP, milliseconds (best of 5 x 10):")
    steps = {
        "read JSON by the thorough reader": lambda: strict_json_reader.read_thoroughly(texts),
        "the same by orjson, unchecked": lambda: orjson.loads(texts),
    }
    _print(console, steps, 10, 1e3)
    _batch(console, scorer, bodies, "everything known")
    _batch(console, scorer, partial, "1,000 different sets of known features")
    unknown_features.run(console, scorer, rows)


def _batch(console: Console, scorer: Scorer, bodies: dict[str, Any], known: str) -> None:
    """Print the steps of a batch, each on a body just read: in one used before, texts are hashed.

    Args:
        console: where to print.
        scorer: of the release that serves.
        bodies: a body of `POST /predict/batch`.
        known: what is known of the customers.
    """
    text, fresh = json.dumps(bodies).encode(), dict[str, Any]()
    answers = scorer.score_many([customer["features"] for customer in bodies["customers"]])
    steps: dict[str, Callable[[], Any]] = {
        "read JSON": lambda: strict_json.loads(text),
        "check in one pass": lambda: read_batch(CONTRACT, fresh),
        "answers with five reasons": lambda: _score(scorer, fresh["customers"]),
        "write JSON": lambda: dumps(answers),
    }
    best = {
        name: min(repeat(step, lambda: fresh.update(orjson.loads(text)), number=1, repeat=TURNS))
        for name, step in steps.items()
    }
    console.print(f"The same, {known}, milliseconds (best of {TURNS}):")
    for name, taken in (*best.items(), ("together", sum(best.values()))):
        console.print(f"  {name:<34}{taken * 1e3:8.2f}")


def _score(scorer: Scorer, customers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Score slices of customers, as the service does."""
    answers: list[dict[str, Any]] = []
    for start in range(0, len(customers), SLICE):
        rows = [customer["features"] for customer in customers[start : start + SLICE]]
        answers += scorer.score_many(rows)
    return answers


def _print(console: Console, steps: dict[str, Callable[[], Any]], number: int, unit: float) -> None:
    for name, step in steps.items():
        best = min(repeat(step, number=number, repeat=5)) / number * unit
        console.print(f"  {name:<34}{best:8.2f}")


if __name__ == "__main__":
    run(Console(width=120))
