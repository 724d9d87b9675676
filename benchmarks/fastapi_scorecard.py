"""FastAPI with typed pydantic models and this project's scorer."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from app.config import Settings
from app.predictions.scorer import Scorer
from app.releases.registry import ReleaseRegistry
from benchmarks.typed_models import CONTRACT, Answer, Batch, BatchAnswer, Customer

release = ReleaseRegistry(Settings().model_dir).serving
assert release is not None
scorer = Scorer(release.scorecard, CONTRACT)
app = FastAPI()


@app.post("/predict", response_model=Answer)
async def predict(customer: Customer, reasons: int = 5) -> Any:
    """Score one customer."""
    return scorer.score(customer.features.model_dump(), customer.policy, reasons)


@app.post("/predict/batch", response_model=BatchAnswer)
async def predict_batch(batch: Batch, reasons: int = 5) -> Any:
    """Score many customers."""
    predictions = [
        {"id": one.id, **scorer.score(one.features.model_dump(), batch.policy, reasons)}
        for one in batch.customers
    ]
    first = predictions[0]
    return {**{n: first[n] for n in ("model_version", "policy")}, "predictions": predictions}
