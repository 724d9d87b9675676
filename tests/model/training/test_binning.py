"""Bins: round edges, enough customers in each, and what counts as known."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.bins import Bins
from model.features import Contract, Feature
from model.training.binning import (
    FEWEST_IN_BIN,
    FEWEST_MISSING,
    MAX_BINS,
    encode,
    fit_bins,
    known_bins,
    roundest,
)


def number(kind: str = "number", when_missing: str | None = None) -> Contract:
    feature = Feature("x", "X", kind, "X.", 1, minimum=-1e9, maximum=1e9, when_missing=when_missing)
    return Contract((feature,))


@pytest.mark.parametrize(
    ("low", "high", "found"),
    [
        pytest.param(1934.2, 2051.9, 2000.0, id="thousands"),
        pytest.param(6.0, 7.0, 7.0, id="whole numbers"),
        pytest.param(19.551, 19.562, 19.56, id="cents"),
        pytest.param(-0.4, 0.3, 0.0, id="nought"),
        pytest.param(-12.0, -11.0, -11.0, id="negative"),
        pytest.param(1.0, 1.0 + 2**-52, 1.0 + 2**-52, id="neighbours"),
    ],
)
def test_the_roundest_number_between_two(low: float, high: float, found: float) -> None:
    assert roundest(low, high) == found


@given(st.floats(-1e9, 1e9), st.floats(1e-9, 1e6))
def test_the_roundest_number_is_between_them(low: float, gap: float) -> None:
    if low + gap > low:
        assert low < roundest(low, low + gap) <= low + gap


@given(
    st.lists(
        st.integers(-50, 50) | st.floats(-1e6, 1e6) | st.sampled_from([0.5, 3.0]),
        min_size=1,
        max_size=300,
    ),
    st.integers(1, 5),
)
def test_every_bin_has_enough_customers(values: list[float], times: int) -> None:
    frame = pd.DataFrame({"x": np.repeat(np.array(values, dtype=float), times)})
    (bins,) = fit_bins(number(), frame)
    counts = np.bincount(encode((bins,), frame)[:, 0].astype(int), minlength=bins.size - 1)
    assert len(counts) == len(bins.edges) + 1 <= MAX_BINS
    assert len(counts) == 1 or counts.min() >= FEWEST_IN_BIN
    assert all(a < b for a, b in pairwise(bins.edges))


def test_edges_are_numbers_that_people_would_choose() -> None:
    """Each is near a quantile, and most have two digits."""
    draw = np.random.default_rng(1)
    frame = pd.DataFrame({"x": draw.lognormal(7, 1, 20_000).round(2)})
    (bins,) = fit_bins(number(), frame)
    counts = np.bincount(encode((bins,), frame)[:, 0].astype(int)) / len(frame) * MAX_BINS
    assert len(counts) == MAX_BINS
    assert 0.45 < counts.min() < counts.max() < 1.55
    assert sum(len(str(int(edge)).rstrip("0")) <= 2 for edge in bins.edges) > MAX_BINS / 2


def test_whole_numbers_have_whole_edges() -> None:
    frame = pd.DataFrame({"x": np.arange(73).repeat(30).astype(float)})
    (bins,) = fit_bins(number("integer"), frame)
    assert all(edge.is_integer() for edge in bins.edges)


def test_an_edge_opens_the_next_bin() -> None:
    frame = pd.DataFrame({"x": np.repeat([1.0, 2.0, 9.0], 30)})
    (bins,) = fit_bins(number(), frame)
    assert encode((bins,), frame)[:, 0].tolist() == np.repeat([0.0, 1.0, 2.0], 30).tolist()


@pytest.mark.parametrize(
    ("missing", "when_missing", "known"),
    [
        (FEWEST_MISSING - 1, None, False),
        (FEWEST_MISSING, None, True),
        (FEWEST_MISSING, "unknown", False),
        (FEWEST_MISSING, "informative", True),
        (FEWEST_MISSING - 1, "informative", False),
    ],
)
def test_missing_is_known_if_training_saw_it_often(
    missing: int, when_missing: str | None, known: bool
) -> None:
    counts = (np.array([100, 100, missing]),)
    (found,) = known_bins(number(when_missing=when_missing), (Bins(edges=(1.0,)),), counts)
    assert found.tolist() == [True, True, known]


def test_a_value_that_training_hardly_saw_is_unknown() -> None:
    feature = Feature("x", "X", "category", "X.", "a", values=("a", "b", "c"))
    counts = (np.array([FEWEST_IN_BIN, FEWEST_IN_BIN - 1, 0, 0]),)
    (found,) = known_bins(Contract((feature,)), (Bins(values=("a", "b", "c")),), counts)
    assert found.tolist() == [True, False, False, False]
