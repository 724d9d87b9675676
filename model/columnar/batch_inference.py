"""Completes the scores of a batch: values in, `Inference` out, computed with arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import compress

import numpy as np

from model.columnar.array_inference import ArrayInference
from model.columnar.bin_finder import bin_finder
from model.columnar.coded_columns import CODE, listed_values
from model.factor_model import FactorModel, Inference
from model.features import Contract, Value


class BatchInference:
    """The twin of `FactorModel.infer`: the same results, to the last bit.

    Args:
        factors: of the scorecard.
        contract: of the features.
    """

    def __init__(self, factors: FactorModel, contract: Contract) -> None:
        self._arrays = ArrayInference(factors)
        self._names = [feature.name for feature in factors.features]
        self._places = []
        for own in factors.features:
            feature = contract.by_name[own.name]
            values = listed_values(feature)
            places = {value: place for place, value in enumerate((*values, None))}
            self._places.append((places if values else None, bin_finder(feature, own.bins)))

    def infer(
        self, customers: Sequence[Mapping[str, Value]], known: Sequence[float]
    ) -> list[Inference | None]:
        """Complete scores; None for a customer whose features are all known.

        Args:
            customers: every feature given or None.
            known: of each, the intercept plus the effects.
        """
        bins = []
        for name, (places, find) in zip(self._names, self._places, strict=True):
            cells = [customer[name] for customer in customers]
            if places is None:
                coded = np.array(cells, float)  # None becomes NaN
            else:
                coded = np.fromiter(map(places.__getitem__, cells), CODE, len(cells))
            bins.append(find(coded))
        evidence = self._arrays.evidence(bins)
        rows = zip(
            evidence.unknown.T.tolist(),
            *(ends.tolist() for ends in self._arrays.infer(evidence, np.array(known))),
            self._arrays.ask_next(evidence).tolist(),
            strict=True,
        )
        names = self._names
        return [
            Inference([*compress(names, unknown)], log_odds, low, high, names[ask_next])
            if True in unknown
            else None
            for unknown, log_odds, low, high, ask_next in rows
        ]
