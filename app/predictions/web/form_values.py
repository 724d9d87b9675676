"""Reads a customer's features from the texts of a form, and writes them as such texts.

A form sends texts, and names that are not features: `.policy`, and `was.tenure` for the value
before a change. No feature is likely to be called that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import marshmallow as ma

from app.predictions.feature_schema import features_schema
from model.features import Contract, Feature, Value

POLICY = ".policy"
"""The field that names the policy."""

WAS = "was."
"""Before the name of a feature: its value before a change."""

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?", re.ASCII | re.IGNORECASE)
_COMMA = re.compile(r"[\d.,' ]*\d[.,' ]\d[\d.,' ]*", re.ASCII)
_LONGEST = 100
"""Characters of a number; nobody writes more."""

SEPARATORS = {
    "integer": "; write it without separators",
    "number": "; write decimals with a point, such as 65.5, and thousands without a separator",
}
"""What to say of a number with a comma, which means one thing here and another there."""

ONCE = "Give it once"
NOT_ACTIONABLE = "This is none of the values that can be tried out"


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
    names = contract.by_name
    known: dict[str, Any] = {}
    for name in [n for n in contract.names if n in form] + [
        n for n in form if n not in names and n != POLICY
    ]:
        text = form[name][0]
        known[name] = read_value(contract.by_name[name], text) if name in names else text
    known = {name: value for name, value in known.items() if value is not None}
    try:
        features_schema(contract).load(known)
    except ma.ValidationError as error:
        faults = {name: texts[0] for name, texts in error.messages_dict.items()}
    else:
        faults = {}
    for name in faults.keys() & contract.by_name.keys():
        if isinstance(known.get(name), str) and _COMMA.fullmatch(known[name]):
            faults[name] += SEPARATORS.get(contract.by_name[name].type, "")
    return known, faults | {name: ONCE for name, texts in form.items() if len(texts) > 1}


def read_policy(
    form: Mapping[str, Sequence[str]], policies: Iterable[str]
) -> tuple[str, dict[str, str]]:
    """Read the policy, and what is wrong with it.

    Args:
        form: the texts of each field by its name.
        policies: those of the release in service.
    """
    policy = form.get(POLICY, ["default"])[0]
    if policy in policies:
        return policy, {}
    return "default", {POLICY: "Give one of " + ", ".join(policies)}


def read_change(
    contract: Contract, form: Mapping[str, Sequence[str]]
) -> tuple[dict[str, Any], dict[str, Any], dict[str, str]]:
    """Read a customer as they are, and the values that someone wants to try out.

    Returns:
        What is known, the values to try (None: not known), and what is wrong by the field's name.
    """
    was = {name.removeprefix(WAS): texts for name, texts in form.items() if name.startswith(WAS)}
    sent = {n: texts for n, texts in form.items() if not n.startswith(WAS) and n != POLICY}
    features, faults = read_features(contract, was)
    tried = [f for f in contract.features if f.actionable and f.name in sent]
    changed = {f.name: read_value(f, sent[f.name][0]) for f in tried}
    _, wrong = read_features(contract, {**was, **{f.name: sent[f.name] for f in tried}})
    fixed = dict.fromkeys(sent.keys() - changed.keys(), NOT_ACTIONABLE)
    return features, changed, {**faults, **wrong, **fixed}
