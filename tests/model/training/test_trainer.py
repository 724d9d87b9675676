"""Training: the scorecard equals the estimator, and uses no test row."""

from __future__ import annotations

from math import log
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.cli.model_options import RELEASES
from app.predictions.scorer import Scorer
from model.feature_file import load_contract
from model.features import Contract
from model.scorecard import probability
from model.scorecard_file import from_dict, load_scorecard
from model.training import pair_selection
from model.training.binning import encode
from model.training.release_writer import Candidate, make_candidate, score
from model.training.scorecard_extraction import positions
from model.training.training_data import Split, TrainingData, record, split

SHIPPED = load_scorecard(RELEASES / "1.2.0" / "scorecard.json")
OLDER = load_scorecard(RELEASES / "1.0.0" / "scorecard.json")


def customer_strategy() -> st.SearchStrategy[dict[str, Any]]:
    """Any customer that the contract accepts, features left out at will."""
    required, optional = {}, {}
    for feature in load_contract().features:
        values: st.SearchStrategy[Any] = st.booleans()
        if feature.type == "category":
            values = st.sampled_from(feature.values)
        elif feature.type == "integer":
            values = st.integers(int(feature.range[0]), int(feature.range[1]))
        elif feature.type == "number":
            values = st.floats(*feature.range)
        if feature.required:
            required[feature.name] = values
        else:
            optional[feature.name] = st.none() | values
    return st.fixed_dictionaries(required, optional=optional)


def test_every_customer_is_scored_as_the_fitted_estimator_scores(
    contract: Contract, customers: TrainingData, candidate: Candidate
) -> None:
    """The shipped release scores all complete customers like the estimator, to 1e-9."""
    estimator, bins = candidate.trained.estimator, candidate.trained.bins
    expected = estimator.predict_proba(encode(bins, customers.features))[:, 1]
    _, served = score(contract, SHIPPED, customers, np.arange(len(expected)))
    complete = customers.features.notna().all(axis=1).to_numpy()
    assert (len(served), complete.sum()) == (7043, 7043 - 11)
    assert np.abs(served - expected)[complete].max() < 1e-9


def test_the_self_test_of_the_release_passes() -> None:
    assert SHIPPED.verify() == []
    assert any(None in stored["features"].values() for stored in SHIPPED.selftest)


@given(customer_strategy())
def test_baseline_effects_and_the_unknown_add_up_to_the_logit(customer: dict[str, Any]) -> None:
    p = probability(SHIPPED.log_odds(customer))
    answer = Scorer(SHIPPED, load_contract()).score(customer, most=3)
    assert answer["churn_probability"] == p
    listed = sum(reason["effect"] for reason in answer["reasons"])
    whole = answer["baseline"] + listed + answer["other_effects"] + answer["unknown"]["effect"]
    assert whole == pytest.approx(log(p / (1 - p)), abs=1e-9)


@given(customer_strategy())
def test_in_the_older_format_a_feature_left_out_adds_its_points_for_missing(
    customer: dict[str, Any],
) -> None:
    """0, unless training saw it missing."""
    names = [term.features[0] for term in OLDER.terms]
    effects = dict(zip(names, OLDER.effects(customer), strict=True))
    assert OLDER.log_odds(customer) == OLDER.intercept + sum(effects.values())
    for name, effect in effects.items():
        if customer.get(name) is None and name != "total_charges":
            assert effect == 0.0
    if customer.get("total_charges") is None:
        assert effects["total_charges"] != 0.0


@given(customer=customer_strategy())
def test_plain_python_reads_the_tables_as_numpy_does(
    customer: dict[str, Any], candidate: Candidate
) -> None:
    """`Scorecard.effects` picks the same bin as training."""
    trained = candidate.trained
    scorecard = from_dict(candidate.document)
    frame = pd.DataFrame(
        {
            feature.name: pd.Series(
                [customer.get(feature.name)],
                dtype=float if feature.type in ("integer", "number") else object,
            )
            for feature in load_contract().features
        }
    )
    at = positions(encode(trained.bins, frame), trained.bins)[0]
    expected = [points[i] for points, i in zip(trained.tables.singles, at, strict=True)]
    assert scorecard.effects(customer) == pytest.approx(expected, abs=1e-10)


def test_terms_are_centred_on_the_training_customers(candidate: Candidate) -> None:
    """The mean effect of each term over the training customers who have it is 0."""
    trained = candidate.trained
    for points, counts, known in zip(
        trained.tables.singles, trained.counts, trained.known, strict=True
    ):
        assert np.average(points, weights=counts * known) == pytest.approx(0, abs=1e-12)
        assert not points[~known].any()


def test_cross_validation_reaches_the_bar_and_keeps_no_pair(candidate: Candidate) -> None:
    """ROC AUC is at least 0.845 on the training set; interactions don't help on this data."""
    assert candidate.trained.choice.figures.roc_auc >= 0.845
    assert candidate.trained.choice.pairs == 0


def test_the_split_is_stratified_and_whole(customers: TrainingData, parts: Split) -> None:
    rows = np.concatenate([parts.train, parts.validation, parts.test])
    assert sorted(rows) == list(range(7043))
    assert [len(p) for p in (parts.train, parts.validation, parts.test)] == [4930, 1056, 1057]
    for part in (parts.train, parts.validation, parts.test):
        assert customers.churned[part].mean() == pytest.approx(0.2654, abs=0.001)
    again = split(customers.churned)
    assert (again.test == parts.test).all()


def test_no_test_row_reaches_training_binning_or_thresholds(
    contract: Contract, customers: TrainingData, parts: Split, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other customers and outcomes in the test set don't change the scorecard's bytes."""
    monkeypatch.setattr(pair_selection, "FOLDS", 2)
    monkeypatch.setattr(pair_selection, "GRID", pair_selection.GRID[:2])
    features, churned = customers.features.copy(), customers.churned.copy()
    features.iloc[parts.test] = features.iloc[parts.train[: len(parts.test)]].to_numpy()
    churned[parts.test] = ~churned[parts.test]
    texts = [
        make_candidate(contract, people, parts, "1.0.0", lambda step: None).text
        for people in (customers, TrainingData(features, churned, customers.name))
    ]
    assert texts[0] == texts[1]


def test_a_record_has_plain_values(contract: Contract, customers: TrainingData) -> None:
    """The record has only JSON types, and the contract accepts it."""
    for row in range(0, 7043, 100):
        customer = record(contract, customers.features, row)
        assert contract.accepts(customer)
        assert {type(v) for v in customer.values()} <= {int, float, bool, str, type(None)}
