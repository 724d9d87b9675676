"""An experiment finds what was planted in the customers, and what it varies can be read."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from model.features import Contract, Feature
from model.fold_figures import compare, difference
from model.training import factor_fitting, partial_customers
from model.training.experiment import Bench, digest, figures
from model.training.experiment_variants import names, parse
from model.training.training_data import TrainingData

CONTRACT = Contract(
    tuple(
        Feature(name, name.upper(), "number", name, 0.0, minimum=-10, maximum=10)
        for name in ("a", "b", "c", "d", "e")
    )
)
BASE = {
    "learning_rate": 0.2,
    "max_iter": 40,
    "max_leaf_nodes": 2,
    "min_samples_leaf": 20,
    "pairs": 0,
    "bins": 16,
    "factors": 2,
}


@pytest.fixture(scope="module")
def customers() -> TrainingData:
    """One hidden number moves a, b and c; d counts by its size and crosswise with e."""
    draw = np.random.default_rng(7)
    hidden = draw.normal(size=(1500, 1))
    values = np.hstack([hidden + 0.4 * draw.normal(size=(1500, 3)), draw.normal(size=(1500, 2))])
    a, b, c, d, e = values.round(2).T
    logit = a + b + c + 2 * (abs(d) - 0.8) + 1.5 * np.sign(d) * np.sign(e)
    churned = draw.random(1500) < 1 / (1 + np.exp(-logit))
    return TrainingData(pd.DataFrame(values.round(2), columns=list("abcde")), churned, "planted")


def run(customers: TrainingData, varied: str, *values: float) -> dict[str, Any]:
    return figures(
        Bench.of(CONTRACT, customers),
        customers,
        varied=varied,
        values=values,
        base=BASE,
        report=lambda step: None,
    )


@pytest.mark.parametrize(
    ("varied", "values", "taken"),
    [
        pytest.param("factors", (0, 1), "1 factor", id="one hidden number"),
        pytest.param("pairs", (0, 1), "1 pair", id="crosswise"),
        pytest.param("bins", (2, 8), "8 bins", id="both ends"),
        pytest.param("max_iter", (1, 40), "max_iter 40", id="trees"),
    ],
)
def test_what_is_planted_wins(
    monkeypatch: pytest.MonkeyPatch,
    customers: TrainingData,
    varied: str,
    values: tuple[float, ...],
    taken: str,
) -> None:
    monkeypatch.setattr(factor_fitting, "STEPS", 60)
    monkeypatch.setattr(partial_customers, "PATTERNS", 10)
    found = run(customers, varied, *values)
    assert found["simplest_not_beaten"] == taken
    assert varied not in found["training"]
    assert [variant["value"] for variant in found["variants"]] == list(values)
    losses = {v["name"]: v["log_loss"]["folds"] for v in found["variants"]}
    assert compare(losses) == (found["best"], taken)
    for variant in found["variants"]:
        folds = variant["log_loss"]["folds"]
        assert variant["difference"] == difference(folds, losses[found["best"]])
        assert variant["log_loss"]["mean"] == pytest.approx(np.mean(folds), abs=1e-6)


def test_the_digest_is_of_features_and_outcomes(customers: TrainingData) -> None:
    others = customers.features.copy()
    others.iloc[3, 2] = np.nan
    turned = customers.churned.copy()
    turned[0] = ~turned[0]
    same = TrainingData(customers.features.copy(), customers.churned, "another name")
    changed = [replace(customers, features=others), replace(customers, churned=turned)]
    assert digest(same) == digest(customers)
    assert len({digest(one) for one in (customers, *changed)}) == 3


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("trees=1,2", "can't be varied: give one of bins, pairs"),
        ("bins", "bins: '' is not a whole number"),
        ("bins=8", "give two values or more"),
        ("bins=8,8", "a value is there twice"),
        ("bins=1,x,300", "'x' is not a whole number; 300 is not from 2 to 255"),
        ("pairs=1.5,2", "'1.5' is not a whole number"),
        ("learning_rate=nan,0.1", "nan is not from 0.001 to 1"),
    ],
)
def test_what_cannot_be_varied_is_said(written: str, said: str) -> None:
    with pytest.raises(ValueError, match=written.partition("=")[0]) as error:
        parse(written)
    assert said in str(error.value)


def test_values_have_names() -> None:
    assert parse("factors=2,0,1") == ("factors", [0, 1, 2])
    assert list(names("factors", [0, 1, 2])) == ["0 factors", "1 factor", "2 factors"]
    assert list(names("learning_rate", [0.05])) == ["learning_rate 0.05"]
