"""Reads a customer's features from the texts of a form, and writes them as such texts.

A form sends texts, and names that are not features: `.policy`, and `was.tenure` for the value
before a change. No feature is likely to be called that.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from model.features import Contract, Feature, Value
from model.scorecard import POLICIES

POLICY = ".policy"
"""The field that names the policy."""

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?", re.ASCII | re.IGNORECASE)
_COMMA = re.compile(r"[\d.,' ]*\d[.,' ]\d[\d.,' ]*", re.ASCII)
_LONGEST = 100
"""Characters of a number; nobody writes more."""

POINT = "; write decimals with a point, such as 65.5, and thousands without a separator"
ONCE = "Give it once"


def as_text(value: Value) -> str:
    """Write a value as a form sends it; what isn't known is empty."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def in_words(value: Value) -> str:
    """Write a value as a reader sees it."""
    if value is None:
        return "Not known"
    return ("No", "Yes")[value] if isinstance(value, bool) else as_text(value)


def read_value(feature: Feature, text: str) -> Value:
    """Read what a reader wrote; a text that means no value of this type stays a text.

    Blanks around a value, and a sign or an exponent of a number, are no fault.
    """
    if text in feature.values:
        return text
    text = text.strip()
    if not text:
        return None
    if feature.type == "boolean":
        return {"true": True, "false": False}.get(text.lower(), text)
    if feature.type == "category" or len(text) > _LONGEST or not _NUMBER.fullmatch(text):
        return text
    return float(text) if set(text) - set("+-0123456789") else int(text)


def read_features(
    contract: Contract, form: Mapping[str, Sequence[str]]
) -> tuple[dict[str, Any], dict[str, str]]:
    """Read a customer from the fields of a form.

    Args:
        contract: names the features.
        form: the texts of each field by its name.

    Returns:
        What is known, in the contract's order, and what is wrong by the field's name: the same
        faults as those of the API.
    """
    sent = {name: texts for name, texts in form.items() if name != POLICY}
    order = sorted(sent, key=lambda name: [*contract.names, name].index(name))
    known = {
        name: read_value(contract.by_name[name], sent[name][0])
        if name in contract.by_name
        else sent[name][0]
        for name in order
    }
    known = {name: value for name, value in known.items() if value is not None}
    faults = dict(contract.faults(known))
    for name in faults:
        if _separated(contract.by_name.get(name), known.get(name)):
            faults[name] += POINT
    faults |= {name: ONCE for name, texts in form.items() if len(texts) > 1}
    return known, faults


def read_policy(form: Mapping[str, Sequence[str]]) -> tuple[str, dict[str, str]]:
    """Read the policy, by default the first, and what is wrong with it."""
    policy = form.get(POLICY, POLICIES)[0]
    if policy in POLICIES:
        return policy, {}
    return POLICIES[0], {POLICY: "Give one of " + ", ".join(POLICIES)}


def _separated(feature: Feature | None, value: Any) -> bool:
    """Whether a text is a number written with a comma or with separators."""
    return (
        feature is not None
        and feature.type in ("integer", "number")
        and isinstance(value, str)
        and _COMMA.fullmatch(value) is not None
    )
