"""FastAPI with typed pydantic models and this project's scorer."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from app.config import Settings
from app.predictions.scorer import Scorer
from app.releases.registry import Releases
from benchmarks.customer import CONTRACT, Answer, Customer

release = Releases(Settings().model_dir).serving
assert release is not None
scorer = Scorer(release.scorecard, CONTRACT)
app = FastAPI()


@app.post("/predict", response_model=Answer)
async def predict(customer: Customer, reasons: int = 5) -> Any:
    """Score one customer."""
    return scorer.score(customer.features.model_dump(), customer.policy, reasons)
