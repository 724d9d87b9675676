"""Reasons of arrays are those of `POST /predict`, word for word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.bulk.scoring.reason_columns import ReasonColumns
from app.customers.files.plain_cells import plain_text
from app.predictions.scorer import Scorer
from app.releases.release_loader import load_release
from model.features import Contract, Value
from model.scorecard import Scorecard
from model.scorecard_file import from_dict
from tests.model.random_scorecards import (
    random_contract,
    random_customers,
    random_document,
    random_scorecard,
)
from tools.coded_customers import coded, edge_customers, sample
from tools.servers import ROOT


def columns(
    scorecard: Scorecard, contract: Contract, customers: Sequence[dict[str, Value]], most: int
) -> list[list[str | None]]:
    found = ReasonColumns(scorecard, contract).of(coded(contract, customers), most)
    return [column.to_pylist() for column in found]


def plain(
    scorecard: Scorecard, contract: Contract, customers: Sequence[dict[str, Value]], most: int
) -> list[list[str | None]]:
    rows = []
    for answer in Scorer(scorecard, contract).score_many(customers, most=most):
        texts = [plain_text(reason["text"]) for reason in answer["reasons"]]
        rows.append([*texts, *[None] * (most - len(texts))])
    return [[row[number] for row in rows] for number in range(most)]


@pytest.mark.parametrize("version", ["1.0.0", "1.2.0"])
def test_customers_of_a_release_get_the_plain_reasons(version: str) -> None:
    """Real ones, and at the edges; all reasons that there are, and more."""
    release = load_release(ROOT / "model" / "releases" / version)
    scorecard, contract = release.scorecard, release.contract
    customers = sample(contract) + edge_customers([scorecard], contract, 3000, seed=3)
    expected = plain(scorecard, contract, customers, 30)
    assert columns(scorecard, contract, customers, 30) == expected
    for most in (1, 5):
        assert columns(scorecard, contract, customers, most) == expected[:most]


@given(
    st.integers(0, 200).map(random_scorecard),
    st.lists(random_customers(), max_size=8),
    st.integers(0, 9),
)
def test_random_scorecards(
    scorecard: Scorecard, customers: list[dict[str, Any]], most: int
) -> None:
    """Pairs of a text and a number; missing values with points of their own."""
    expected = plain(scorecard, random_contract(), customers, most)
    assert columns(scorecard, random_contract(), customers, most) == expected


NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from(
    [0.0, -0.0, 1.0, -1.0, 1e-4, 9.99e-5, 1e15, 1e16, 999999999999999.9, 0.1 + 0.2, 5e-324, 12.0]
)


@given(st.lists(NUMBERS, min_size=1, max_size=20), st.sampled_from(["integer", "number"]))
def test_numbers_are_written_as_python_writes_them(numbers: list[float], kind: str) -> None:
    """With one month and two months; without an exponent that the plain text doesn't have."""
    if kind == "integer":
        numbers = [float(round(number)) for number in numbers]
    one = replace(random_contract().features[1], type=kind, unit="months", minimum=-1e308)
    features = list(random_contract().features)
    features[1] = replace(one, maximum=1e308, label="=Formula")
    contract = Contract(tuple(features))
    scorecard = from_dict(random_document(1))
    customers: list[dict[str, Value]] = [{"f1": number} for number in numbers]
    expected = plain(scorecard, contract, customers, 8)
    assert columns(scorecard, contract, customers, 8) == expected
    assert any("'=Formula" in str(text) for column in expected for text in column)


def test_the_comparison_finds_a_planted_fault() -> None:
    """Equal points change places when the terms do."""
    release = load_release(ROOT / "model" / "releases" / "1.2.0")
    scorecard, contract = release.scorecard, release.contract
    customers = sample(contract)
    first, second, *rest = scorecard.terms
    points = [number * 1.5 for number in first.points]
    changed = replace(scorecard, terms=(replace(first, points=points), second, *rest))
    assert columns(changed, contract, customers, 3) != plain(scorecard, contract, customers, 3)
