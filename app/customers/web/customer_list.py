"""A page of the list, and the list as CSV. No Flask inside."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import exp
from typing import Any

from app.customers.files.customer_id import is_customer_id
from app.customers.files.plain_cells import plain_text
from app.customers.store.stored_customer import StoredCustomer
from app.customers.store.stored_features import fits
from app.observability.timing import timed
from app.predictions.scorer import Scorer
from app.predictions.service import SLICE
from app.predictions.web.form_values import as_text
from app.predictions.web.risk_words import short_reason
from model.features import Contract, Feature, Value

REASONS = 2
"""Reasons shown of each customer."""


@dataclass(frozen=True)
class ListedCustomer:
    """A row of the list.

    Attributes:
        id: of the customer.
        scored: the answer of `POST /predict`, with the strongest reasons.
        values: of the features that the list shows.
    """

    id: str
    scored: dict[str, Any]
    values: list[Value]

    @property
    def ends(self) -> list[float]:
        """The ends of the probability's range, if something is unknown."""
        unknown = self.scored["unknown"]
        return (unknown["range"] or []) if unknown["features"] else []


def shown_features(contract: Contract) -> list[Feature]:
    """Return the features that the list shows: the first two that every customer has."""
    return [contract.by_name[name] for name in (contract.required or contract.names)[:2]]


def listed(
    page: Sequence[StoredCustomer], one: Scorer, contract: Contract, policy: str
) -> list[ListedCustomer]:
    """Score customers for the list, without those whose stored features break the contract."""
    fit = [c for c in page if is_customer_id(c.id) and fits(contract, c.features)]
    shown = shown_features(contract)
    with timed("model"):
        scores = one.score_many([c.features for c in fit], policy, REASONS)
    return [
        ListedCustomer(c.id, scored, [c.features.get(feature.name) for feature in shown])
        for c, scored in zip(fit, scores, strict=True)
    ]


def as_csv(
    page: Sequence[StoredCustomer], one: Scorer, contract: Contract, policy: str
) -> Iterator[str]:
    """Yield customers as the lines of a CSV file, a slice at a time."""
    head = ["customer_id", "churn_probability", "lowest", "highest", "at_or_above_threshold"]
    for number in range(1, REASONS + 1):
        head += [f"reason_{number}", f"odds_{number}"]
    shown = [feature.name for feature in shown_features(contract)]
    yield _lines([[*head, *map(plain_text, shown), "policy", "model_version"]])
    for start in range(0, len(page), SLICE):
        rows = listed(page[start : start + SLICE], one, contract, policy)
        yield _lines([_cells(row, contract, policy) for row in rows])


def _cells(row: ListedCustomer, contract: Contract, policy: str) -> list[str]:
    scored = row.scored
    low, high = row.ends or (None, None)
    cells = [plain_text(row.id)]
    cells += ["" if p is None else f"{p:.4f}" for p in (scored["churn_probability"], low, high)]
    cells.append("yes" if scored["prediction"] == "churn" else "no")
    reasons = [
        (plain_text(short_reason(reason, contract)), f"{exp(reason['effect']):.3g}")
        for reason in scored["reasons"]
    ]
    for pair in [*reasons, *[("", "")] * (REASONS - len(reasons))]:
        cells += pair
    for value in row.values:  # a number below zero is no formula
        cells.append(plain_text(value) if isinstance(value, str) else as_text(value))
    return [*cells, policy, scored["model_version"]]


def _lines(rows: list[list[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()
