"""The reasons for many scores, in words."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from app.customers.files.plain_cells import plain_text
from app.predictions.reasons import reason_of_bin, reason_of_term
from model.columnar.array_scorer import value
from model.columnar.bin_finder import Places
from model.columnar.binned_columns import TermBins
from model.columnar.coded_columns import CodedColumns
from model.columnar.strongest_terms import StrongestTerms
from model.features import Contract, Value
from model.ranked_points import RankedPoints, flat
from model.scorecard import Scorecard


class ReasonColumns:
    """Puts the strongest terms of customers into the words of `POST /predict`.

    Args:
        scorecard: of a release.
        contract: its features.
    """

    def __init__(self, scorecard: Scorecard, contract: Contract) -> None:
        self._terms = [term for term in scorecard.terms if any(flat(term.points))]
        self._features = [[contract.by_name[n] for n in term.features] for term in self._terms]
        ranked = RankedPoints(self._terms, contract)
        self._bins = TermBins(self._terms, contract)
        self._strongest = StrongestTerms(
            ranked, [sum(1 for _ in flat(term.points)) for term in self._terms]
        )
        self._reasons = [reason_of_term(term, contract) for term in self._terms]
        cells = ranked.cells[: ranked.above_zero]
        shared = [reason_of_bin(self._terms[c.term], c.bin, self._reasons[c.term]) for c in cells]
        self._ready = [plain_text(reason["text"]) if reason else None for reason in shared]
        # By place: the term whose reason depends on the value, or none.
        self._open = np.array(
            [-1 if r else c.term for r, c in zip(shared, cells, strict=True)] + [-1]
        )

    def of(self, features: CodedColumns, most: int) -> list[pa.Array]:
        """Return the texts of the strongest reason, the next, and so on.

        Args:
            features: of the customers.
            most: how many columns; a text is null where a customer has fewer reasons.
        """
        rows = len(next(iter(features.values())))
        places = self._strongest.of(self._bins.of(features), most)
        texts = list(self._ready)
        indices = [place.astype(np.int32) for place in places]
        owners = [self._open.take(place) for place in places]
        for term in sorted({int(t) for owner in owners for t in np.unique(owner)} - {-1}):
            chosen = [np.flatnonzero(owner == term) for owner in owners]
            found, said = self._said(term, features, np.concatenate(chosen))
            start = 0
            for index, where in zip(indices, chosen, strict=True):
                index[where] = found[start : start + len(where)] + len(texts)
                start += len(where)
            texts += said
        dictionary = pa.array(texts, pa.string())
        columns = [
            pa.DictionaryArray.from_arrays(
                pa.array(index, mask=place == self._strongest.none), dictionary
            )
            for index, place in zip(indices, places, strict=True)
        ]
        nothing = pa.DictionaryArray.from_arrays(pa.nulls(rows, pa.int32()), dictionary)
        return columns + [nothing] * (most - len(columns))

    def _said(
        self, term: int, features: CodedColumns, rows: Places
    ) -> tuple[NDArray[np.intp], list[str]]:
        """Return texts that some customers share, and the number of each one's text."""
        code = np.zeros(len(rows), np.intp)
        columns = [features[feature.name].take(rows) for feature in self._features[term]]
        for column in columns:
            _, own = np.unique(column, return_inverse=True)
            code = code * np.intp(own.max() + 1) + own
        _, first, found = np.unique(code, return_index=True, return_inverse=True)
        texts = []
        for row in first:
            given: Mapping[str, Value] = {
                feature.name: value(feature, column[row])
                for feature, column in zip(self._features[term], columns, strict=True)
            }
            texts.append(plain_text(self._reasons[term](given)["text"]))
        return found, texts
