"""The filters of the list: a few features of the contract, each with one value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.http.problems import Problem
from app.http.validation_faults import MAX_SHOWN
from app.predictions.web.form_values import as_text
from model.features import Contract, Feature

MOST_FILTERS = 5

BEFORE = "f."
"""Before a feature's name in a query, where other options have names of their own."""


OPTIONS = {"policy", "budget", "after", "id"}
"""Names of the list's other options."""


def offered(contract: Contract) -> list[Feature]:
    """Return the features to filter by: with few values, and those that people know best first."""
    found = [feature for feature in contract.features if choices(feature)]
    found.sort(key=lambda feature: not (feature.required or feature.actionable))
    return found[:MOST_FILTERS]


def choices(feature: Feature) -> tuple[str | bool, ...]:
    """Return the values of a category or boolean; none of a number."""
    return (True, False) if feature.type == "boolean" else feature.values


def read_filters(query: Mapping[str, str], contract: Contract) -> dict[str, str | bool]:
    """Return the chosen values by feature; an empty one means any.

    A feature's own name does, too, where no option has it: people write addresses by hand.

    Raises:
        Problem: a value or a feature isn't offered.
    """
    features = offered(contract)
    known = {f.name: f for f in features if f.name not in OPTIONS}
    known |= {BEFORE + f.name: f for f in features}
    chosen: dict[str, str | bool] = {}
    faults: list[dict[str, Any]] = []
    for name, text in query.items():
        if not text or not (name.startswith(BEFORE) or name in known):
            continue
        values = {as_text(value): value for value in choices(known[name])} if name in known else {}
        if text in values:
            chosen[known[name].name] = values[text]
        else:
            detail = f"Give one of {', '.join(values)}" if values else "There is no such filter"
            faults.append(
                {"parameter": name[:MAX_SHOWN], "detail": detail, "value": text[:MAX_SHOWN]}
            )
    if faults:
        raise Problem("invalid-input", "The list cannot be filtered like this", faults)
    return chosen


def as_query(chosen: Mapping[str, str | bool]) -> dict[str, str]:
    """Return chosen values as they are in a query."""
    return {BEFORE + name: as_text(value) for name, value in chosen.items()}
