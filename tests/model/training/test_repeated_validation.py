"""Repeated cross-validation shows what chance does, and the card's text says it."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import yaml

from app.cli.model_options import RELEASES
from model import spread_text
from model.features import Contract
from model.training import evaluation, repeated_validation
from model.training.card_writer import PATH
from model.training.pair_selection import Figures
from model.training.quality_measures import roc_auc
from model.training.release_writer import Candidate
from model.training.training_data import Split, TrainingData
from tests.model.training.distorted_parts import five_parts

SHIPPED = RELEASES / "1.2.0"


def test_other_folds_are_judged_each_time(
    contract: Contract,
    customers: TrainingData,
    parts: Split,
    candidate: Candidate,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The first repeat is the cross-validation that chose; the second has other folds."""
    monkeypatch.setattr(repeated_validation, "REPEATS", 2)
    features = customers.features.iloc[parts.train].reset_index(drop=True)
    churned, choice = customers.churned[parts.train], candidate.trained.choice
    one, other = repeated_validation.repeat(contract, features, churned, choice, lambda step: None)
    assert one is choice.figures
    assert not np.array_equal(one.parts[0][1], other.parts[0][1])
    stated = json.loads((SHIPPED / "evaluation.json").read_text())["repeated_cross_validation"]
    assert [round(figures.roc_auc, 4) for figures in (one, other)] == stated["of_repeats"][:2]


def test_the_range_holds_random_parts_of_new_customers(monkeypatch: pytest.MonkeyPatch) -> None:
    """About 95 of 100 parts that are drawn afresh from the same truth lie in it."""
    monkeypatch.setattr(evaluation, "RESAMPLES", 200)
    repeats = [Figures(np.zeros(5), five_parts(rows=2000, seed=seed)) for seed in range(5)]
    fresh = [five_parts(rows=1000, seed=100 + seed)[0] for seed in range(200)]
    found = repeated_validation.spread(repeats, fresh[0], fresh[1])
    low, high = found["samples_of"]["low"], found["samples_of"]["high"]
    inside = [low <= roc_auc(*part) <= high for part in fresh]
    assert 0.9 <= np.mean(inside) <= 0.99
    assert (found["repeats"], found["folds"], found["samples_of"]["customers"]) == (5, 5, 1000)
    assert found["mean"] == pytest.approx(np.mean(found["of_repeats"]), abs=1e-4)


@pytest.mark.parametrize(
    ("validation", "place"),
    [(0.79, "below this range"), (0.80, "inside this range"), (0.91, "above this range")],
)
def test_the_text_says_where_a_part_lies(validation: float, place: str) -> None:
    found: dict[str, Any] = {"test": 0.85, "validation": validation, "repeats": 10}
    below = {"below_test": 0.5, "below_validation": 0.0287}
    found["samples_of"] = {"customers": 1056, "low": 0.8, "high": 0.9} | below
    text = "{customers} in {repeats}: {test}; {validation_place}, {validation_below}"
    assert spread_text.filled(text, found) == f"1,056 in 10: 0.850; {place}, 2.9%"


def test_the_shipped_text_has_the_shipped_figures() -> None:
    """Three sentences, no number typed."""
    prose = yaml.safe_load(PATH.read_text())
    card = yaml.safe_load((SHIPPED / "card.yaml").read_text())["model_card"]
    stated = json.loads((SHIPPED / "evaluation.json").read_text())["repeated_cross_validation"]
    text = card["repeated_cross_validation"]["why_parts_differ"]
    assert text == spread_text.filled(prose["why_parts_differ"], stated)
    for part in ("test", "validation"):
        assert f"{stated[part]:.3f}" in text


def test_a_figure_that_does_not_exist_is_named() -> None:
    assert "no figure auc" in spread_text.fault({"why_parts_differ": "It is {auc}."})
    assert spread_text.fault({"why_parts_differ": ["no"]}) == "why_parts_differ: give a text"
    assert spread_text.fault({}) == ""
