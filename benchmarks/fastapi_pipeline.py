"""FastAPI with a scikit-learn pipeline behind pandas: the usual way to serve such a model."""

from __future__ import annotations

import os
from typing import Any

import joblib
import pandas
from fastapi import FastAPI

from benchmarks.typed_models import CONTRACT, Batch, Customer

pipeline = joblib.load(os.environ["PIPELINE"])
app = FastAPI()


@app.post("/predict")
def predict(customer: Customer) -> dict[str, Any]:
    """Score one customer; no reasons."""
    frame = pandas.DataFrame([customer.features.model_dump()], columns=list(CONTRACT.names))
    churn = float(pipeline.predict_proba(frame)[0, 1])
    return {"prediction": "churn" if churn >= 0.5 else "no_churn", "churn_probability": churn}


@app.post("/predict/batch")
def predict_batch(batch: Batch) -> list[dict[str, Any]]:
    """Score many customers as one frame; no reasons."""
    rows = [one.features.model_dump() for one in batch.customers]
    frame = pandas.DataFrame(rows, columns=list(CONTRACT.names))
    return [
        {"id": one.id, "prediction": "churn" if p >= 0.5 else "no_churn", "churn_probability": p}
        for one, p in zip(
            batch.customers, pipeline.predict_proba(frame)[:, 1].tolist(), strict=True
        )
    ]
