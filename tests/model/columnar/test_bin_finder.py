"""Bins of many values: those that bisection finds, one value at a time."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.bins import Bins
from model.columnar.bin_finder import bin_finder
from model.columnar.coded_columns import CODE
from model.features import Feature

NUMBER = Feature("n", "N", "number", "", 1.0, minimum=-1e300, maximum=1e300)

ANY = st.floats(-1e300, 1e300)
EVEN = st.integers(-400, 400).map(lambda number: number / 10)
"""Edges whose grid has few cells."""


@given(
    (st.lists(EVEN, max_size=40) | st.lists(ANY, max_size=8)).map(set).map(sorted),
    st.lists(EVEN | ANY, max_size=20),
)
def test_a_number_has_the_bin_that_bisection_finds(edges: list[float], drawn: list[float]) -> None:
    """Also the edges themselves, what is next to them, minus zero and an unknown value."""
    beside = [math.nextafter(edge, to) for edge in edges for to in (-math.inf, math.inf)]
    values = [*drawn, *edges, *beside, 0.0, -0.0, 1e300, -1e300, math.nan]
    bins = Bins(edges=tuple(edges))
    indexer = bins.indexer()
    expected = [indexer(None if math.isnan(value) else value) for value in values]
    assert bin_finder(NUMBER, bins)(np.array(values)).tolist() == expected


@pytest.mark.parametrize("edges", [(), (5.0,), (1.0, 1.0 + 2**-52, 1e9), (0.0, 5e-324), (1, 2, 9)])
def test_edges_of_any_distance(edges: tuple[float, ...]) -> None:
    """None, one, two that are next to each other among far ones, and whole numbers."""
    values = [0.0, 5e-324, 1.0, 1.0 + 2**-52, 2.0, 5.0, 9.0, 1e9, 1e12]
    bins = Bins(edges=edges)
    expected = [*map(bins.known_indexer() if edges else bins.indexer(), values)]
    assert bin_finder(NUMBER, bins)(np.array(values)).tolist() == expected


def test_a_scorecard_may_have_an_order_of_values_of_its_own() -> None:
    feature = Feature("c", "C", "category", "", "a", values=("a", "b", "c"))
    bins = Bins(values=("c", "a", "b"))
    places = np.array([0, 1, 2, 3], CODE)
    assert bin_finder(feature, bins)(places).tolist() == [1, 2, 0, 3]
