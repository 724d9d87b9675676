"""Reading bodies quickly: one customer in one pass, a batch by column.

Each reader returns what its schema in `schemas.py` returns, or None where the body breaks the
contract; then the schema explains why. tests/predictions holds readers and schemas equal.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from types import NoneType
from typing import Any

from app.releases.contract import CONTRACT
from model.features import Contract, Feature
from model.scorecard import POLICIES

MAX_CUSTOMERS = 1000
ID = re.compile(r"[^\x00-\x1f\x7f]{1,64}")
"""Of a customer in a batch: anything but control characters."""


def read_request(data: Any) -> dict[str, Any] | None:
    """The body of `POST /predict` in one pass, or None where it breaks the contract."""
    if type(data) is not dict or not data.keys() <= {"features", "policy"}:
        return None
    features, policy = data.get("features"), data.get("policy", "default")
    if type(features) is dict and CONTRACT.accepts(features) and _is_policy(policy):
        return {"features": features, "policy": policy}
    return None


def read_batch(data: Any) -> dict[str, Any] | None:
    """The body of `POST /predict/batch` by column, or None where it breaks the contract."""
    if type(data) is not dict or not data.keys() <= {"customers", "policy"}:
        return None
    customers, policy = data.get("customers"), data.get("policy", "default")
    if type(customers) is list and _are_customers(customers) and _is_policy(policy):
        return {"customers": customers, "policy": policy}
    return None


def _is_policy(policy: Any) -> bool:
    return type(policy) is str and policy in POLICIES


def _are_customers(customers: list[Any]) -> bool:
    if not 1 <= len(customers) <= MAX_CUSTOMERS or not _only(customers, {dict}):
        return False
    try:
        ids = [customer["id"] for customer in customers]
        rows = [customer["features"] for customer in customers]
    except KeyError:
        return False
    return (
        set(map(len, customers)) == {2}
        and _only(ids, {str})
        and all(map(ID.fullmatch, ids))
        and accepts_all(CONTRACT, rows)
    )


def count_faults(customer: Any) -> int:
    """How many faults the schema would find in a customer of a batch, without a word about any."""
    if type(customer) is not dict:
        return 1
    given, features = customer.get("id"), customer.get("features")
    faults = len(customer.keys() - {"id", "features"})
    faults += not (type(given) is str and ID.fullmatch(given))
    return faults + (CONTRACT.count_faults(features) if type(features) is dict else 1)


def accepts_all(contract: Contract, rows: Sequence[Any]) -> bool:
    """Whether `contract.accepts` each row: a mapping of features by name."""
    if not _only(rows, {dict}) or not set().union(*rows) <= set(contract.names):
        return False
    return all(
        _accepts_column(feature, [row.get(feature.name) for row in rows])
        or all(map(contract.accepts, rows))  # whole floats among integers, say
        for feature in contract.features
    )


_TYPES: dict[str, set[type]] = {
    "category": {str},
    "boolean": {bool},
    "integer": {int},
    "number": {int, float},
}


def _accepts_column(feature: Feature, column: list[Any]) -> bool:
    missing = set() if feature.required else {NoneType}
    if not _only(column, _TYPES[feature.type] | missing):
        return False
    if feature.type == "boolean":
        return True
    if feature.type == "category":
        return set(column) - {None} <= set(feature.values)
    known = [value for value in column if value is not None]
    low, high = feature.range
    # NaN compares false with everything, so it could hide from min and max: the sum shows it.
    return not known or (low <= min(known) and max(known) <= high and sum(known) == sum(known))


def _only(values: Iterable[Any], types: Collection[type]) -> bool:
    return set(map(type, values)) <= set(types)
