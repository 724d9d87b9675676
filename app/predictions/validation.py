"""Reads a valid body in one pass.

Each reader returns what its schema in `request_schemas.py` returns, or None if the body breaks the
contract; then the schema explains why. tests/predictions proves readers and schemas equal.
"""

from __future__ import annotations

import re
from typing import Any

from model.features import Contract
from model.scorecard import POLICIES

MAX_CUSTOMERS = 1000
ID = re.compile(r"[^\x00-\x1f\x7f]{1,64}")
"""Of a customer in a batch: anything but control characters."""


def read_request(contract: Contract, data: object) -> dict[str, Any] | None:
    """Read the body of `POST /predict`, or return None if it breaks the contract."""
    if type(data) is not dict or not data.keys() <= {"features", "policy"}:
        return None
    features, policy = data.get("features"), data.get("policy", "default")
    if type(features) is dict and contract.accepts(features) and _is_policy(policy):
        return {"features": features, "policy": policy}
    return None


def read_batch(contract: Contract, data: object) -> dict[str, Any] | None:
    """Read the body of `POST /predict/batch`, or return None if it breaks the contract."""
    if type(data) is not dict or not data.keys() <= {"customers", "policy"}:
        return None
    customers, policy = data.get("customers"), data.get("policy", "default")
    if type(customers) is not list or not 1 <= len(customers) <= MAX_CUSTOMERS:
        return None
    if _is_policy(policy) and _are_customers(contract, customers):
        return {"customers": customers, "policy": policy}
    return None


def _is_policy(policy: object) -> bool:
    return type(policy) is str and policy in POLICIES


def _are_customers(contract: Contract, customers: list[Any]) -> bool:
    if {*map(type, customers)} != {dict} or {*map(len, customers)} != {2}:
        return False
    ids = [customer.get("id") for customer in customers]
    features = [customer.get("features") for customer in customers]
    return (
        {*map(type, ids)} == {str}
        and {*map(type, features)} == {dict}
        and all(map(ID.fullmatch, ids))
        and all(map(contract.accepts, features))
    )


def count_faults(contract: Contract, customer: object) -> int:
    """Count the faults that the schema would name in a customer of a batch, without naming them."""
    if type(customer) is not dict:
        return 1
    given, features = customer.get("id"), customer.get("features")
    faults = len(customer.keys() - {"id", "features"})
    faults += not (type(given) is str and ID.fullmatch(given))
    return faults + (contract.count_faults(features) if type(features) is dict else 1)
