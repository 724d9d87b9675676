"""Puts the features of another contract into the examples of the OpenAPI document."""

from __future__ import annotations

import json
from typing import Any

from model.features import Contract, Feature

NUMBER, CATEGORY = "tenure", "contract"
"""The features of our own contract that the document's examples name."""

_THIRD = ', "monthly_charges": 65.5'
_NUMBER_FAULT = "Give a whole number from 0 to 600 (months)"
_CATEGORY_FAULT = "Give one of Month-to-month, One year, Two year"
_REASON = "Month-to-month contract: odds of leaving 2.3 times the average customer's"


def with_features_of(contract: Contract, document: Any) -> Any:
    """Return the document with examples that this contract could give.

    The examples of requests are made from the contract anyway. Those of answers and problems are
    written down, for our own features; they stay if the contract has those.
    """
    if _is_ours(contract):
        return document
    number, category = _stand_ins(contract)
    texts = {
        f"/features/{NUMBER}": f"/features/{number.name}",
        f"/features/{CATEGORY}": f"/features/{category.name}",
        _NUMBER_FAULT: number.fault(object()),
        _CATEGORY_FAULT: category.fault(object()),
        "Month-to-month": category.example,
        "total_charges": number.name,
        _REASON: _REASON.replace("Month-to-month contract", f"{category.label}"),
    }
    return _replaced(document, texts)


def request_with_features_of(contract: Contract, text: str) -> str:
    """Return a request, as a problem's page shows it, with names of this contract."""
    if _is_ours(contract):
        return text
    number, category = _stand_ins(contract)
    names = {NUMBER: number.name, CATEGORY: category.name}
    text = text.replace(_THIRD, "")
    for ours, theirs in names.items():
        text = text.replace(f'"{ours}"', json.dumps(theirs, ensure_ascii=False))
    return text


def _is_ours(contract: Contract) -> bool:
    return NUMBER in contract.by_name and CATEGORY in contract.by_name


def _stand_ins(contract: Contract) -> tuple[Feature, Feature]:
    """Return a number and a category, or what comes closest."""
    by_kind = sorted(contract.features, key=lambda f: f.type not in ("integer", "number"))
    return by_kind[0], next((f for f in by_kind if f.type == "category"), by_kind[-1])


def _replaced(node: Any, texts: dict[str, Any]) -> Any:
    if isinstance(node, dict):
        return {key: _replaced(value, texts) for key, value in node.items()}
    if isinstance(node, list | tuple):
        return [_replaced(value, texts) for value in node]
    return texts.get(node, node) if isinstance(node, str) else node
