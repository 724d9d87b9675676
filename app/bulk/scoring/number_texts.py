"""The reasons of a term that is a number, in words, many at once."""

from __future__ import annotations

from math import exp

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from app.customers.files.plain_cells import plain_text
from app.predictions.reasons import odds_words, reason_of_term, words_of
from model.columnar.bin_finder import bin_finder
from model.features import Contract
from model.scorecard import Term

PLAIN = 1e-4, 1e9
"""Between them Arrow writes a number as Python does, and without an exponent."""


class NumberTexts:
    """Writes what `reason_of_term` says of a term whose one feature is a number.

    Args:
        term: with edges.
        contract: of the features.
    """

    def __init__(self, term: Term, contract: Contract) -> None:
        self._name = term.features[0]
        feature = contract.by_name[self._name]
        self._reason = reason_of_term(term, contract)
        self._find = bin_finder(feature, term.bins[0])
        self._before = plain_text(f"{feature.label} ")
        unit = words_of(feature)(2.0).removeprefix(f"{feature.label} 2")
        self._after = pa.array([f"{unit}: {odds_words(exp(points))}" for points in term.points])

    def of(self, values: NDArray[np.float64]) -> pa.StringArray:
        """Return the text of each value; none is unknown."""
        after = self._after.take(pa.array(self._find(values)))
        numbers = pa.array(values).cast(pa.string())
        texts = pc.binary_join_element_wise(self._before, numbers, after, "")
        size = np.abs(values)
        odd = ~((size >= PLAIN[0]) & (size < PLAIN[1])) | (size == 1)  # 1 has its own unit
        if not odd.any():
            return texts
        said = [
            plain_text(self._reason({self._name: value})["text"]) for value in values[odd].tolist()
        ]
        return pc.replace_with_mask(texts, pa.array(odd), pa.array(said, pa.string()))
