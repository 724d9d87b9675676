"""The scorer alone, without HTTP."""

from __future__ import annotations

from timeit import repeat

from rich.console import Console

from app.config import Settings
from app.predictions.bodies import read_request
from app.predictions.schemas import PredictionRequest
from app.predictions.scorer import Scorer
from app.releases.registry import Releases
from benchmarks.customer import CONTRACT


def run(console: Console) -> None:
    """Print microseconds of each step of a prediction: the best of five repeats."""
    release = Releases(Settings().model_dir).serving
    assert release is not None
    scorer = Scorer(release.scorecard, CONTRACT)
    features = CONTRACT.example()
    body = {"features": features, "policy": "default"}
    schema = PredictionRequest()
    steps = {
        "check a body in one pass": lambda: read_request(body),
        "check the same with marshmallow": lambda: super(PredictionRequest, schema).load(body),
        "effects of 19 features": lambda: release.scorecard.effects(features),
        "whole answer with five reasons": lambda: scorer.score(features),
    }
    console.print("One prediction without HTTP, microseconds (best of 5 x 2,000):")
    for name, step in steps.items():
        console.print(f"  {name:<34}{min(repeat(step, number=2000, repeat=5)) / 2000 * 1e6:8.1f}")
