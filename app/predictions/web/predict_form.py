"""Prepares the form of one customer: fields by group, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.predictions.web.form_values import POLICY, as_text
from app.predictions.web.risk_words import exact_percent
from model.features import Contract, Feature

Texts = Mapping[str, Sequence[str]]
"""What a form sent: the texts of each field by its name."""


@dataclass(frozen=True)
class Field:
    """One feature's field: its id in the page, its text, and what is wrong with it."""

    feature: Feature
    id: str
    text: str
    fault: str


@dataclass(frozen=True)
class Form:
    """The form.

    Attributes:
        groups: fields, those that must be filled in first, each group with its title.
        policy: the chosen one.
        policies: each with its words.
        policy_fault: what is wrong with the policy that was sent, or nothing.
        faults: all, as a label, words, and the field's id or nothing.
    """

    groups: list[tuple[str, list[Field]]]
    policy: str
    policies: list[tuple[str, str]]
    policy_fault: str
    faults: list[tuple[str, str, str]]


def example(contract: Contract) -> dict[str, list[str]]:
    """Return the texts of the contract's example."""
    return {name: [as_text(value)] for name, value in contract.example().items()}


def form(
    contract: Contract,
    texts: Texts,
    faults: Mapping[str, str],
    policy: str,
    thresholds: Mapping[str, float],
) -> Form:
    """Make the form with what was sent.

    Args:
        contract: names the features.
        texts: what was sent.
        faults: what is wrong, by the field's name.
        policy: the chosen one.
        thresholds: of each policy of the release in service; empty if none is.
    """
    fields = [
        Field(feature, f"f{number}", texts.get(feature.name, [""])[0], faults.get(feature.name, ""))
        for number, feature in enumerate(contract.features, 1)
    ]
    places = {field.feature.name: (field.feature.label, field.id) for field in fields}
    places[POLICY] = "Policy", "policy"
    return Form(
        groups=[
            ("Needed", [field for field in fields if field.feature.required]),
            ("If you know it", [field for field in fields if not field.feature.required]),
        ],
        policy=policy,
        policies=[
            (name, f"{name.replace('_', ' ')}, {exact_percent(threshold)} and above")
            for name, threshold in thresholds.items()
        ],
        policy_fault=faults.get(POLICY, ""),
        faults=[
            (label, fault, place)
            for name, fault in faults.items()
            for label, place in (places.get(name, (name, "")),)
        ],
    )


def limits(feature: Feature) -> str:
    """Say which numbers a feature accepts: `0 to 600 months`."""
    low, high = as_text(feature.minimum), as_text(feature.maximum)
    return f"{low} to {high}{f' {feature.unit}' if feature.unit else ''}"


def labels(contract: Contract, names: Sequence[str]) -> list[str]:
    """Return the labels of features."""
    return [contract.by_name[name].label for name in names]
