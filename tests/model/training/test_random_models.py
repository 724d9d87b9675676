"""One model in five forms: estimator, tables, file, one customer, many customers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.features import Contract, Feature
from model.scorecard_file import from_dict
from model.training import factor_fitting
from model.training.binning import encode
from model.training.pair_selection import Choice, Figures
from model.training.partial_customers import PartialScorer
from model.training.scorecard_extraction import positions
from model.training.scorecard_writer import write_down
from model.training.trainer import fit_scorecard
from model.training.training_data import TrainingData, record
from tests.model.training.distorted_parts import five_parts

CONTRACT = Contract(
    (
        Feature("age", "Age", "integer", "Age.", 30, minimum=0, maximum=120),
        Feature("spent", "Spent", "number", "Spent.", 1.5, minimum=-1e6, maximum=1e6),
        Feature("plan", "Plan", "category", "Plan.", "a", values=("a", "b", "c")),
        Feature("online", "Online", "boolean", "Online.", True),
    )
)


def random_data(seed: int, rows: int = 400) -> TrainingData:
    """Customers whose outcome depends on a pair; some values are missing, by chance or not."""
    draw = np.random.default_rng(seed)
    age = draw.integers(18, 90, rows).astype(float)
    spent = draw.normal(0, draw.uniform(1, 1000), rows).round(2)
    plan = draw.choice(["a", "b", "c"], rows, p=[0.6, 0.37, 0.03]).astype(object)
    online = (draw.random(rows) < 0.5).astype(object) == 1
    chance = 0.2 + 0.5 * ((age > 50) == online)
    churned = draw.random(rows) < chance
    age[draw.random(rows) < draw.uniform(0, 0.3) * (1 + churned) / 2] = np.nan
    plan[draw.random(rows) < 0.05] = None
    columns = {"age": age, "spent": spent}
    frame = pd.DataFrame(columns | {"plan": pd.Series(plan, dtype=object)})
    frame["online"] = pd.Series(online.tolist(), dtype=object)
    return TrainingData(frame, churned, "random")


@settings(max_examples=8)
@given(
    seed=st.integers(0, 10_000),
    pairs=st.integers(0, 2),
    leaves=st.integers(2, 3),
    slope=st.sampled_from([1.0, 0.5]),
)
def test_every_form_gives_the_same_score(seed: int, pairs: int, leaves: int, slope: float) -> None:
    """To 1e-9, for every customer about whom all is known; recalibrated or not."""
    customers = random_data(seed)
    setting = {"learning_rate": 0.3, "max_iter": 30, "max_leaf_nodes": leaves}
    setting["min_samples_leaf"] = 20
    choice = Choice(setting, pairs, Figures(np.zeros(5), five_parts(slope)), [])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(factor_fitting, "STEPS", 5)
        trained = fit_scorecard(CONTRACT, customers.features, customers.churned, choice)
    rows = np.arange(len(customers.churned))
    codes = encode(trained.bins, customers.features)
    at = positions(codes, trained.bins)
    known = np.column_stack([k[at[:, j]] for j, k in enumerate(trained.known)])
    complete = known.all(axis=1)
    assert complete.sum() > 100
    decision = choice.recalibration.applied(trained.estimator.decision_function)
    estimated = decision(codes)[complete]
    scorecard = from_dict(write_down(CONTRACT, trained, "1.0.0", customers, rows))
    assert trained.tables.score(at)[complete] == pytest.approx(estimated, abs=1e-9)
    single = [
        scorecard.log_odds(record(CONTRACT, customers.features, int(row))) for row in rows[complete]
    ]
    assert np.array(single) == pytest.approx(estimated, abs=1e-9)
    many = PartialScorer(trained, customers.features).score(np.ones(4, dtype=bool))
    assert many.log_odds[complete] == pytest.approx(estimated, abs=1e-9)
    assert (many.low <= many.log_odds).all()
    assert (many.log_odds <= many.high).all()
    assert (many.low == many.high)[complete].all()
