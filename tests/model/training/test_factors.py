"""Fitting the factors, and scoring partial customers."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.cli.model_options import RELEASES
from model.features import Contract
from model.scorecard_file import from_dict
from model.training import factor_fitting
from model.training.factor_fitting import fit_factors
from model.training.factor_loss import FactorLoss, Terms
from model.training.partial_customers import PartialScorer, patterns
from model.training.release_figures import Candidate
from model.training.training_data import TrainingData, record


def two_sided(rows: int = 3000) -> Terms:
    """Three features that one hidden number moves, one that it doesn't, and a pair of two."""
    draw = np.random.default_rng(3)
    hidden = draw.normal(size=(rows, 1))
    at = (hidden + draw.normal(size=(rows, 4)) * [0.3, 0.5, 1, 1] > 0).astype(int)
    at[:, 3] = draw.integers(0, 2, rows)
    effects = (at - 0.5) * [1.2, 0.8, 0.5, 0.6]
    pair = np.where(at[:, 0] == at[:, 3], 0.3, -0.3)[:, None]
    return Terms(
        at=at,
        sizes=[3, 3, 3, 3],
        known=np.ones(at.shape, dtype=bool),
        features=[(0,), (1,), (2,), (3,), (0, 3)],
        effects=np.hstack([effects, pair]),
        intercept=-0.5,
    )


def loss_at(
    loss: FactorLoss, parameters: dict[str, np.ndarray], rows: np.ndarray, shown: np.ndarray
) -> float:
    """The loss by its definition, one customer at a time."""
    terms, total = loss.terms, 0.0
    loadings, variances, precision = loss.numbers(parameters)
    spread, shift = np.exp(parameters["spread"][0]), parameters["shift"][0]
    for row, given_ in zip(rows, shown, strict=True):
        inside = [all(given_[f] for f in features) for features in terms.features]
        hidden = ~np.array(inside)
        loading = loadings[hidden[: loss.single]].sum(axis=0)
        matrix = np.eye(loss.factors) + precision[given_].sum(axis=0)
        vectors = parameters["evidence"][loss.flat[row][given_]].sum(axis=0)
        mean = loading @ np.linalg.solve(matrix, vectors)
        variance = loading @ np.linalg.solve(matrix, loading) + variances[hidden].sum() + 1e-12
        error = terms.effects[row][hidden].sum() - mean
        whole = loss.whole[row]
        log_odds = (whole - error + shift * variance) / np.sqrt(1 + spread * variance)
        share = 1 / (1 + np.exp(-whole))
        total += (np.log(variance) + error**2 / variance) / 2
        total += 30 * (np.logaddexp(0, log_odds) - share * log_odds)
    prior = 2 * (parameters["evidence"] ** 2).sum() + (parameters["root"] ** 2).sum()
    return float(total / len(rows) + prior / 2 / len(terms.at))


@pytest.mark.parametrize("factors", [0, 1, 2, 3])
def test_the_slopes_are_those_of_the_loss(factors: int) -> None:
    """Each parameter's, by differences; a scorecard has two factors, experiments any number."""
    loss = FactorLoss(two_sided(200), factors)
    draw = np.random.default_rng(1)
    parameters = {k: v + draw.normal(0, 0.2, v.shape) for k, v in loss.start().items()}
    rows, shown = draw.integers(0, 200, 40), draw.random((40, 4)) < 0.5
    shown[0] = False
    slopes = loss.slopes(parameters, rows, shown)
    for name, slope in slopes.items():
        for position in np.ndindex(slope.shape):
            ends = []
            for step in (1e-5, -1e-5):
                moved = {key: value.copy() for key, value in parameters.items()}
                moved[name][position] += step
                ends.append(loss_at(loss, moved, rows, shown))
            found = (ends[0] - ends[1]) / 2e-5
            assert slope[position] == pytest.approx(found, rel=1e-4, abs=1e-6), (name, position)


def test_what_goes_together_is_inferred_and_what_does_not_is_not() -> None:
    """A known feature halves the variance of one that goes with it, and says nothing of another."""
    factors = fit_factors(two_sided())
    gains = []
    for known in (0, 3):
        matrix = np.eye(2) + factors.precision[known]
        hidden = factors.loadings[1]
        before = hidden @ hidden + factors.variances[1]
        gains.append(1 - (hidden @ np.linalg.solve(matrix, hidden) + factors.variances[1]) / before)
    assert gains[0] > 0.3
    assert abs(gains[1]) < 0.02


def test_a_constant_term_is_certain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(factor_fitting, "STEPS", 20)
    terms = two_sided(200)
    terms.effects[:, 2] = 0
    factors = fit_factors(terms)
    assert factors.variances[2] == 0
    assert factors.loadings[2].tolist() == [0, 0]
    assert (factors.variances[[0, 1, 3, 4]] > 0).all()


def test_a_single_feature_has_factors_and_can_be_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(factor_fitting, "STEPS", 200)
    terms = two_sided(500)
    one = Terms(
        terms.at[:, :1], [3], terms.known[:, :1], [(0,)], terms.effects[:, :1], terms.intercept
    )
    factors = fit_factors(one)
    variance = float((factors.loadings**2).sum() + factors.variances[0])
    assert variance == pytest.approx(one.effects.var(), rel=0.3)
    assert not np.any(list(patterns(1)))


@settings(max_examples=30)
@given(pattern=st.integers(0, 199), row=st.integers(0, 7042))
def test_a_table_is_scored_as_one_customer_is(
    pattern: int, row: int, contract: Contract, customers: TrainingData, candidate: Candidate
) -> None:
    """The evaluation's numpy and the server's Python agree to the decimals of the file."""
    shown = list(patterns(len(contract.names)))[pattern]
    features = customers.features.iloc[[row]]
    found = PartialScorer(candidate.trained, features).score(shown)
    customer = record(contract, customers.features, row)
    partial = {n: v for (n, v), is_shown in zip(customer.items(), shown, strict=True) if is_shown}
    scorecard = from_dict(candidate.document)
    assert scorecard.log_odds(partial) == pytest.approx(found.log_odds[0], abs=1e-4)
    known = scorecard.intercept + sum(scorecard.effects(partial))
    served = scorecard.infer(partial.get, known)
    assert served
    assert (served.low, served.high) == pytest.approx((found.low[0], found.high[0]), abs=1e-4)


def test_the_release_knows_what_it_does_not_know() -> None:
    """What the card states: honest ranges, and no bias on partial customers."""
    evaluation = json.loads((RELEASES / "1.2.0" / "evaluation.json").read_text())
    found: dict[str, Any] = evaluation["partial"]
    random = found["random_known"]
    assert abs(random["mean_probability"] - random["churn_rate"]) < 0.01
    assert 0.87 <= random["coverage"] <= 0.93
    assert random["coverage_worst"] >= 0.82
    assert random["calibration_error_worst"] < 0.047
    assert found["required_known"]["calibration_error"] < 0.033
    assert found["required_known"]["roc_auc"] > 0.82
