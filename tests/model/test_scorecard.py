"""The scorecard file: how it scores, and what it refuses to load."""

from __future__ import annotations

import copy
import json
from math import inf, log
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.scorecard import ScorecardError, probability
from model.scorecard_file import from_dict, load_scorecard

CARD: dict[str, Any] = {
    "format": 1,
    "version": "1.0.0",
    "contract": "ab" * 32,
    "intercept": -1.0,
    "policies": {"default": 0.5, "high_recall": 0.3},
    "terms": [
        {"features": ["tenure"], "bins": [{"edges": [6.5, 12.5]}], "points": [1.0, 0.25, -1, 0]},
        {"features": ["partner"], "bins": [{"values": [False, True]}], "points": [0.5, -0.5, 0]},
        {
            "features": ["tenure", "plan"],
            "bins": [{"edges": [12.5]}, {"values": ["Month", "Year"]}],
            "points": [[0.125, -0.125, 0], [-0.25, 0.25, 0], [0, 0, 0.0625]],
        },
    ],
    "selftest": [{"features": {"tenure": 3, "plan": "Year"}, "log_odds": -0.125}],
}


def changed(**keys: Any) -> dict[str, Any]:
    return copy.deepcopy(CARD) | keys


def term(**keys: Any) -> dict[str, Any]:
    """The card with its first term changed."""
    card = changed()
    card["terms"][0] |= keys
    return card


@pytest.mark.parametrize(
    ("features", "effects"),
    [
        pytest.param({"tenure": 6}, [1.0, 0, 0], id="first bin"),
        pytest.param({"tenure": 6.5}, [0.25, 0, 0], id="an edge opens the next bin"),
        pytest.param({"tenure": 10**6}, [-1, 0, 0], id="beyond the last edge"),
        pytest.param({"partner": True}, [0, -0.5, 0.0625], id="missing has its own points"),
        pytest.param({"tenure": None, "plan": None}, [0, 0, 0.0625], id="null is missing"),
        pytest.param({"tenure": 20, "plan": "Year"}, [-1, 0, 0.25], id="a pair"),
    ],
)
def test_each_term_gives_the_points_of_its_bin(
    features: dict[str, Any], effects: list[float]
) -> None:
    scorecard = from_dict(CARD)
    assert scorecard.effects(features) == effects
    assert scorecard.log_odds(features) == -1 + sum(effects)


def test_the_self_test_compares_stored_with_computed_scores() -> None:
    assert from_dict(CARD).verify() == []
    broken = changed(selftest=[{"features": {}, "log_odds": -0.9374999}])
    assert "stored customer 0" in from_dict(broken).verify()[0]


@given(st.floats(-800, 800))
def test_probability_is_the_logistic_function_without_overflow(log_odds: float) -> None:
    p = probability(log_odds)
    assert 0 <= p <= 1
    assert p + probability(-log_odds) == pytest.approx(1, abs=1e-15)
    if abs(log_odds) < 30:
        assert log(p / (1 - p)) == pytest.approx(log_odds, abs=1e-2)


@pytest.mark.parametrize(
    ("card", "said"),
    [
        pytest.param([], "format", id="a list"),
        pytest.param(changed(format=3), "format", id="a later format"),
        pytest.param(changed(version=1), "version", id="version"),
        pytest.param(changed(contract=None), "contract", id="contract"),
        pytest.param(changed(intercept="0"), "intercept", id="intercept is text"),
        pytest.param(changed(intercept=inf), "intercept", id="intercept is infinite"),
        pytest.param(changed(intercept=True), "intercept", id="intercept is a boolean"),
        pytest.param(changed(policies={"high_recall": 0.3}), "policies: default", id="no default"),
        pytest.param(changed(policies={"default": 1.5}), "policies: default", id="threshold"),
        pytest.param(changed(terms=[]), "terms", id="no terms"),
        pytest.param(changed(terms=[7]), "terms: 0", id="a term is a number"),
        pytest.param(changed(selftest=[]), "selftest", id="no self-test"),
        pytest.param(changed(selftest=[{"features": {}}]), "selftest: customer 0", id="no score"),
        pytest.param(
            changed(selftest=[{"features": {"partner": "maybe"}, "log_odds": 0}]),
            "selftest: customer 0",
            id="a value outside the bins",
        ),
        pytest.param(term(features=[]), "one or two features", id="no feature"),
        pytest.param(term(features=["a", "b", "c"]), "one or two features", id="three features"),
        pytest.param(term(features=[3]), "terms: 0", id="a name is a number"),
        pytest.param(term(bins=[]), "tenure: give one or two", id="no bins"),
        pytest.param(term(bins=["x"]), "terms: 0", id="bins are text"),
        pytest.param(term(bins=[{"edges": [2, 1]}]), "tenure: bins", id="edges fall"),
        pytest.param(term(bins=[{"edges": [1, 1]}]), "tenure: bins", id="edges repeat"),
        pytest.param(term(bins=[{"edges": [1, inf]}]), "tenure: bins", id="an edge is infinite"),
        pytest.param(term(bins=[{"edges": [1, 10**400]}]), "tenure: bins", id="an edge is huge"),
        pytest.param(term(bins=[{"values": ["a", "a"]}]), "tenure: bins", id="values repeat"),
        pytest.param(term(bins=[{"values": [1, 2]}]), "tenure: bins", id="values are numbers"),
        pytest.param(term(points=[1.0, 0, -1]), "tenure: points: give 4", id="points too few"),
        pytest.param(term(points=[1.0, 0, "x", 0]), "tenure: points: give 4", id="points are text"),
        pytest.param(term(points=[1.0, 0, inf, 0]), "tenure: points", id="points are infinite"),
    ],
)
def test_an_unsound_file_is_refused_by_name(tmp_path: Path, card: Any, said: str) -> None:
    """The message names the file, and the term and key at fault."""
    path = tmp_path / "scorecard.json"
    path.write_text(json.dumps(card))
    with pytest.raises(ScorecardError, match=rf"^scorecard\.json: .*{said}"):
        load_scorecard(path)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff\xfe", b"[" * 100_000, b'{"format": ' + b"9" * 5000 + b"}"],
    ids=["empty", "cut off", "not text", "deep", "a long number"],
)
def test_a_file_that_is_no_json_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "scorecard.json"
    path.write_bytes(content)
    with pytest.raises(ScorecardError, match=r"scorecard\.json"):
        load_scorecard(path)
