"""Completes scores by the plain factor model, or with arrays where that's faster."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from model.factor_model import FactorModel, Inference
from model.features import Contract, Value

if TYPE_CHECKING:
    from model.columnar.batch_inference import BatchInference

LARGE = 40
"""Customers whom arrays complete in less time than the plain factor model.

`python -m benchmarks.array_scoring` prints the times of both.
"""


class InferenceChoice:
    """Completes the scores of customers; both ways give the same results, to the last bit.

    Args:
        factors: of a scorecard.
        contract: of the features.
    """

    def __init__(self, factors: FactorModel, contract: Contract) -> None:
        self._factors = factors
        self._contract = contract

    def infer(
        self, customers: Sequence[Mapping[str, Value]], known: Sequence[float]
    ) -> Iterator[Inference | None]:
        """Yield what is expected of each customer; None where every feature is known.

        Args:
            customers: every feature given or None.
            known: of each, the intercept plus the effects.
        """
        if len(customers) >= LARGE and (arrays := self._arrays):
            return iter(arrays.infer(customers, known))
        infer = self._factors.infer
        return (infer(one.get, score) for one, score in zip(customers, known, strict=True))

    @cached_property
    def _arrays(self) -> BatchInference | None:
        """The factor model with arrays; None where numpy, of the extra `bulk`, isn't installed."""
        try:
            from model.columnar.batch_inference import BatchInference  # noqa: PLC0415 - slow
        except ImportError:
            return None
        return BatchInference(self._factors, self._contract)
