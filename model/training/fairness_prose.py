"""Checks what people wrote about fairness: limits, and exceptions from them."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from typing import Any

from model.training.fairness_limits import EXCEPTIONS, LIMITS, MEASURES

_TEXTS = ("factor", "metric", "owner", "reason")


def fault(prose: Mapping[str, Any]) -> str:
    """Say what is wrong with limits and exceptions, or nothing.

    Args:
        prose: of the card; its `evaluation_factors` are features.
    """
    limits, exceptions = prose.get(LIMITS, {}), prose.get(EXCEPTIONS, [])
    if not isinstance(limits, dict):
        return f"{LIMITS}: give a mapping of metrics to numbers"
    if not isinstance(exceptions, list):
        return f"{EXCEPTIONS}: give a list"
    factors = prose["factors"].get("evaluation_factors") or []
    if limits and not factors:
        return f"{LIMITS}: no groups to compare: name features in factors.evaluation_factors"
    found = [*_of_limits(limits)]
    for number, exception in enumerate(exceptions):
        place = f"{EXCEPTIONS}: exception {number + 1}"
        found += (f"{place}: {said}" for said in _of_exception(exception, factors, limits))
        if not found and any(_same(exception, other) for other in exceptions[:number]):
            found.append(f"{place}: an earlier one is of the same factor and metric")
    return next(iter(found), "")


def _of_limits(limits: Mapping[str, Any]) -> Iterator[str]:
    for name, limit in limits.items():
        if name not in MEASURES:
            yield f"{LIMITS}: {name} is not measured: name one of {', '.join(MEASURES)}"
        elif type(limit) not in (int, float) or not 0 <= limit <= 1:
            yield f"{LIMITS}: {name}: give a number from 0 to 1"


def _of_exception(exception: Any, factors: list[str], limits: Mapping[str, Any]) -> Iterator[str]:
    if not isinstance(exception, dict) or set(exception) != {*_TEXTS, "expires"}:
        yield "give factor, metric, owner, reason and expires, and nothing else"
        return
    for key in _TEXTS:
        if not isinstance(exception[key], str) or not exception[key].strip():
            yield f"{key}: give a text"
    if type(exception["expires"]) is not datetime.date:
        yield "expires: give a date, as 2027-03-31"
    if exception["factor"] not in factors:
        yield f"{exception['factor']} is not one of factors.evaluation_factors"
    if exception["metric"] not in limits:
        yield f"{exception['metric']} has no limit in {LIMITS}"


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return all(one[key] == other[key] for key in ("factor", "metric"))
