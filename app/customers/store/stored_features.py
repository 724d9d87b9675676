"""Checks the features of stored customers against the contract.

Others may have written them, or we did under an older contract. Lookup, ranking, rescoring and
cache all ask here, and none of them scores a customer that breaks the contract.
"""

from __future__ import annotations

from itertools import islice
from typing import Any

from app.customers.store.stored_customer import Features, NotAnObject
from app.http.validation_faults import MAX_FAULTS, shown_fault
from model.features import Contract


def fits(contract: Contract, features: Features) -> bool:
    """Whether stored features are a JSON object that keeps the contract."""
    return not isinstance(features, NotAnObject) and contract.accepts(features)


def faults(contract: Contract, features: Features) -> tuple[list[dict[str, Any]], int]:
    """Name what breaks the contract: pointer, detail, and the value if it is short.

    Returns:
        The first MAX_FAULTS faults, and the number of all.
    """
    if isinstance(features, NotAnObject):
        return [{"pointer": "/features", "detail": "The stored value is not a JSON object"}], 1
    first = islice(contract.faults(features), MAX_FAULTS)
    shown = [shown_fault(("features", n), why, features.get(n, ...)) for n, why in first]
    return shown, contract.count_faults(features)
