"""What the service answers for the rows of a table, in the form of the query's result."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from app.predictions.scorer import Scorer
from model.features import Contract
from model.scorecard import Scorecard
from tools.contract_rows import Row

TOLERANCE = 1e-12


def stated(scorecard: Scorecard, contract: Contract, rows: Sequence[Row]) -> list[list[Any]]:
    """The columns of the result, by the service's own checks and scores."""
    customers = [dict(zip(contract.names, row, strict=True)) for row in rows]
    faults = [faults_of(contract, customer) for customer in customers]
    scorer = Scorer(scorecard, contract)
    sound = [c for c, wrong in zip(customers, faults, strict=True) if not wrong]
    answers = iter(scorer.score_many(sound))
    nothing = [None] * (3 + len(scorecard.policies) + 10 + 1)
    made = [
        [*nothing, wrong] if wrong else [*line(next(answers), scorecard.policies), None]
        for wrong in faults
    ]
    return [list(column) for column in zip(*made, strict=True)]


def faults_of(contract: Contract, customer: dict[str, Any]) -> str:
    """Names of the features at fault, in the contract's order."""
    if contract.accepts(customer):
        return ""
    named = {name for name, _ in contract.faults(customer)}
    return ",".join(name for name in contract.names if name in named)


def line(answer: dict[str, Any], policies: dict[str, float]) -> Iterable[Any]:
    """An answer of `POST /predict` as a row of the result, without id and faults."""
    chance, unknown = answer["churn_probability"], answer["unknown"]
    yield chance
    yield from unknown["range"] or (None, None)
    for threshold in policies.values():
        yield "churn" if chance >= threshold else "no_churn"
    for rank in range(5):
        reason = answer["reasons"][rank] if rank < len(answer["reasons"]) else {}
        yield reason.get("feature")
        yield reason.get("effect")
    yield ",".join(unknown["features"])


def differences(result: list[Row], wanted: list[list[Any]]) -> list[str]:
    """Name what differs between a query's result and what the service says; empty if nothing."""
    columns = [list(column) for column in zip(*sorted(result), strict=True)]
    if columns[0] != list(range(len(wanted[0]))):
        return ["other rows"]
    return [
        f"column {number}, row {row}: {got[row]!r}, not {want[row]!r}"
        for number, (got, want) in enumerate(zip(columns[1:], wanted, strict=True))
        for row in _unlike(got, want)
    ]


def _unlike(got: list[Any], want: list[Any]) -> list[int]:
    """Rows in which a column differs."""
    if got == want:
        return []
    if any(isinstance(value, str) for value in want) or not any(map(_is_number, got)):
        return [i for i, pair in enumerate(zip(got, want, strict=True)) if pair[0] != pair[1]]
    one, other = (np.array(column, dtype=float) for column in (got, want))
    same = (np.abs(one - other) <= TOLERANCE) | (np.isnan(one) & np.isnan(other))
    return np.flatnonzero(~same).tolist()


def _is_number(value: Any) -> bool:
    return type(value) is float
