"""Sorts customers' features into the bins of a scorecard's terms."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from model.columnar.bin_finder import Places, bin_finder
from model.columnar.coded_columns import CodedColumns
from model.features import Contract
from model.scorecard import Term


class TermBins:
    """Finds the bin of each customer in each term.

    Args:
        terms: of a scorecard.
        contract: of the features.
    """

    def __init__(self, terms: Sequence[Term], contract: Contract) -> None:
        self._axes = [[*zip(term.features, term.bins, strict=True)] for term in terms]
        self._finders = {
            (name, bins): bin_finder(contract.by_name[name], bins)
            for axes in self._axes
            for name, bins in axes
        }

    def of(self, features: CodedColumns) -> list[Places]:
        """Return the bins by term; in a pair, bins of the second feature are counted first."""
        found = {
            axis: find(features[axis[0]]).astype(np.intp) for axis, find in self._finders.items()
        }
        places = []
        for axes in self._axes:
            place = found[axes[0]]
            for axis in axes[1:]:
                place = place * axis[1].size + found[axis]
            places.append(place)
        return places
