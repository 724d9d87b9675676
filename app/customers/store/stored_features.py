"""What is stored of a customer, held against the contract: others may have written it.

Or it was written under an older contract. A row that breaks the contract is no customer that could
be scored; lookup, ranking, rescoring and cache all ask here.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from app.customers.store.tables import Features, NotAnObject
from app.http.validation_faults import MAX_FAULTS, shown_fault
from app.releases.contract import CONTRACT


def fits(features: Features) -> bool:
    """Whether it is a JSON object that holds to the contract."""
    return not isinstance(features, NotAnObject) and CONTRACT.accepts(features)


def faults(features: Features) -> tuple[list[dict[str, Any]], int]:
    """What breaks the contract: pointer, detail, and the value where it is short.

    Returns:
        The first MAX_FAULTS of them, and how many there are in all.
    """
    if isinstance(features, NotAnObject):
        return [{"pointer": "/features", "detail": "What is stored is no JSON object"}], 1
    return list(islice(_each(features), MAX_FAULTS)), CONTRACT.count_faults(features)


def _each(features: Features) -> Iterator[dict[str, Any]]:
    for name, value in features.items():
        if fault := CONTRACT.fault(name, value):
            yield shown_fault(("features", name), fault, value)
    for name in CONTRACT.required:
        if name not in features:
            yield shown_fault(("features", name), "This feature is required", ...)
