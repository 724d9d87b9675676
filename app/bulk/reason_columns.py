"""The reasons for many scores, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from app.bulk.number_texts import NumberTexts
from app.customers.files.plain_cells import plain_text
from app.predictions.reasons import reason_of_bin, reason_of_term
from model.columnar.array_scorer import value
from model.columnar.bin_finder import Places
from model.columnar.coded_columns import CodedColumns
from model.columnar.strongest_terms import StrongestTerms
from model.features import Contract, Value
from model.ranked_points import flat
from model.scorecard import Scorecard

READY = -1
"""Of a cell: all its customers have one text."""


class ReasonColumns:
    """Puts the strongest terms of customers into the words of `POST /predict`.

    Args:
        scorecard: of a release.
        contract: its features.
    """

    def __init__(self, scorecard: Scorecard, contract: Contract) -> None:
        self._terms = [term for term in scorecard.terms if any(flat(term.points))]
        self._features = [[contract.by_name[n] for n in term.features] for term in self._terms]
        self._numbers = {
            number: NumberTexts(term, contract)
            for number, term in enumerate(self._terms)
            if not term.features[1:] and not term.bins[0].values
        }
        self._strongest = StrongestTerms(self._terms, contract)
        self._reasons = [reason_of_term(term, contract) for term in self._terms]
        texts: list[str] = []
        owners = []
        for cell in self._strongest.ranked.cells[: self._strongest.none]:
            term, reason = self._terms[cell.term], self._reasons[cell.term]
            ready: dict[str, Any] | None
            if cell.term in self._numbers and cell.bin == term.bins[0].size - 1:
                ready = reason({term.features[0]: None})
            else:
                ready = reason_of_bin(term, cell.bin, reason)
            texts.append(plain_text(ready["text"]) if ready else "")
            owners.append(READY if ready else cell.term)
        self._texts = pa.array([*texts, ""], pa.string())  # Parquet can't have null in a dictionary
        # By place in the list of cells, the term whose reason depends on the value.
        self._owners = np.array([*owners, READY], np.int16)

    def of(self, features: CodedColumns, most: int) -> list[pa.Array]:
        """Return the texts of the strongest reason, the next, and so on.

        Args:
            features: of the customers.
            most: how many columns; a text is null where a customer has fewer reasons.
        """
        if not most:
            return []
        rows = len(next(iter(features.values())))
        places = self._strongest.of(features, most)
        indices = [place.astype(np.int32) for place in places]
        owners = [self._owners.take(place) for place in places]
        texts, used = [self._texts], len(self._texts)
        for term in np.unique(self._owners)[1:].tolist():
            chosen = [np.flatnonzero(owner == term) for owner in owners]
            own, said = self._said(term, features, np.concatenate(chosen))
            own += used
            for index, where in zip(indices, chosen, strict=True):
                index[where], own = own[: len(where)], own[len(where) :]
            texts.append(said)
            used += len(said)
        dictionary = pa.concat_arrays(texts)
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
    ) -> tuple[NDArray[np.int32], pa.StringArray]:
        """Return the number of each customer's text, and the texts."""
        columns = [features[feature.name].take(rows) for feature in self._features[term]]
        if numbers := self._numbers.get(term):
            values = pa.array(columns[0]).dictionary_encode()
            return values.indices.to_numpy().copy(), numbers.of(values.dictionary.to_numpy())
        own = np.zeros(len(rows), np.int64)
        for column in columns:
            own = own * (len(rows) + 1) + np.unique(column, return_inverse=True)[1]
        _, first, found = np.unique(own, return_index=True, return_inverse=True)
        texts = []
        for row in first:
            given: Mapping[str, Value] = {
                feature.name: value(feature, column[row])
                for feature, column in zip(self._features[term], columns, strict=True)
            }
            texts.append(plain_text(self._reasons[term](given)["text"]))
        return found.astype(np.int32), pa.array(texts, pa.string())
