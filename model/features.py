"""The contract of the model's features, as `features.yaml` states it.

Everything else that knows about features takes it from here: the API's schemas and examples, the
columns of training, the model card's factors, the checks of files and batches.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property
from typing import Any, TypeAlias

Value: TypeAlias = str | bool | int | float | None
"""Of a feature; None means not known."""

MISSING = ("NA", "N/A", "NULL", "None", "nan", r"\N", "#N/A", "-")
"""Texts that mean not known in files, whatever their case, unless the contract names others."""

RULES = {
    "category": ("type(v) is str and v in {choices}", "one of {values}"),
    "boolean": ("type(v) is bool", "true or false"),
    "integer": (  # JSON Schema and JavaScript take 12.0 for the integer 12
        "(type(v) is int or type(v) is float and v.is_integer()) and {minimum} <= v <= {maximum}",
        "a whole number from {minimum} to {maximum}{unit}",
    ),
    "number": (
        "(type(v) is float or type(v) is int) and {minimum} <= v <= {maximum}",
        "a number from {minimum} to {maximum}{unit}",
    ),
}
"""What each type of feature accepts: a condition on `v` in Python, and the same in words.

Every check of a value comes from here: one value, a customer, a batch, a file."""


NO_SUCH_FEATURE = "There is no such feature"


class ContractError(ValueError):
    """The feature file cannot be used; the message names file, feature and key."""


@dataclass(frozen=True)
class Feature:
    """One feature of a customer."""

    name: str
    label: str
    type: str
    description: str
    example: Value
    unit: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    values: tuple[str, ...] = ()
    required: bool = False
    aliases: tuple[str, ...] = ()
    """Other names of the column, in files."""
    codes: Mapping[str, Value] = field(default_factory=dict)
    """Other names of values, in files."""
    monotone: str | None = None
    """`increasing`: with all else equal, the log-odds never fall as the value rises."""
    actionable: bool = False
    """Whether the company can change it."""
    when_missing: str | None = None
    """`unknown`: a missing value says nothing itself; `informative`: it does; None: training
    decides."""

    @property
    def range(self) -> tuple[float, float] | None:
        """The least and the greatest number that the feature accepts."""
        if self.minimum is None or self.maximum is None:
            return None
        return float(self.minimum), float(self.maximum)

    @property
    def condition(self) -> str:
        """When the feature accepts a value `v`, as Python source."""
        condition = RULES[self.type][0].format(
            choices=set(self.values), minimum=self.minimum, maximum=self.maximum
        )
        return condition if self.required else f"v is None or {condition}"

    @cached_property
    def accepts(self) -> Callable[[object], bool]:
        """Whether the feature accepts a JSON value."""
        accepts: Callable[[object], bool] = eval(f"lambda v: {self.condition}")  # noqa: S307 - ours
        return accepts

    def fault(self, value: object) -> str | None:
        """Say what to give instead of a JSON value that the feature doesn't accept, or None."""
        if self.accepts(value):
            return None
        if value is None:
            return "This feature is required and cannot be null"
        return "Give " + RULES[self.type][1].format(
            values=", ".join(self.values),
            minimum=self.minimum,
            maximum=self.maximum,
            unit=f" ({self.unit})" if self.unit else "",
        )

    def canonical(self, value: Value) -> Value:
        """Return the one form of a value that JSON can write in several ways: 12.0 becomes 12."""
        if not isinstance(value, int | float) or self.type not in ("integer", "number"):
            return value
        return int(value) if self.type == "integer" else float(value) + 0.0  # not minus zero


class Contract:
    """The features by name, in the file's order.

    Args:
        features: at least one, names unique.
        text: the file they were read from, which a release stores.
        missing: texts that mean not known, in files.
        ignored: columns of files that aren't features.
    """

    def __init__(
        self,
        features: tuple[Feature, ...],
        text: bytes = b"",
        missing: tuple[str, ...] = MISSING,
        ignored: tuple[str, ...] = (),
    ) -> None:
        self.features = features
        self.text = text
        self.missing = missing
        self.ignored = ignored
        self.by_name = {feature.name: feature for feature in features}
        self.names = tuple(self.by_name)
        self.required = tuple(f.name for f in features if f.required)
        self.nothing = dict.fromkeys(self.names)  # every feature unknown

    @cached_property
    def digest(self) -> str:
        """SHA-256, in hexadecimal, of what the contract means: which values it accepts.

        Comments, the order, labels, descriptions and examples don't count, nor does what only
        files may say (aliases, codes, missing, ignored) and what training may (monotone,
        when_missing).
        """
        meaning = {
            f.name: [f.type, f.unit, f.required, sorted(f.values), f.range] for f in self.features
        }
        return hashlib.sha256(json.dumps(meaning, sort_keys=True).encode()).hexdigest()

    def example(self) -> dict[str, Value]:
        """Every feature's example, by name."""
        return {feature.name: feature.example for feature in self.features}

    @cached_property
    def accepts(self) -> Callable[[Mapping[str, object]], bool]:
        """Whether a customer's features keep the contract, as one function made of the rules.

        Every prediction calls it: calling a function for each feature takes twice as long. What is
        left out counts as null, so that most customers, who are complete, need no look at each
        name. An unknown name makes them too many, or another one miss.
        """
        lines = ["def accepts(features):"]
        lines += [" if len(features) < count: features = {**nothing, **features}"]
        lines += [" if len(features) != count: return False", " try:"]
        for feature in self.features:
            lines.append(f"  v = features[{feature.name!r}]")
            lines.append(f"  if not ({feature.condition}): return False")
        lines += [" except KeyError: return False", " return True"]
        scope: dict[str, Any] = {"nothing": self.nothing, "count": len(self.names)}
        exec("\n".join(lines), scope)  # noqa: S102 - the rules, with names and values quoted
        accepts: Callable[[Mapping[str, object]], bool] = scope["accepts"]
        return accepts

    def fault(self, name: str, value: object) -> str | None:
        """Say what is wrong with one value and what to give instead, or None."""
        feature = self.by_name.get(name)
        if feature is None:
            close = get_close_matches(name, self.names, n=1)
            hint = f"; did you mean {close[0]}?" if close else ""
            return f"{NO_SUCH_FEATURE}{hint}"
        return feature.fault(value)

    def count_faults(self, features: Mapping[str, object]) -> int:
        """Count what `faults` would name, without putting it into words."""
        known = self.by_name
        wrong = sum(n not in known or not known[n].accepts(v) for n, v in features.items())
        return wrong + sum(name not in features for name in self.required)

    def faults(self, features: Mapping[str, object]) -> Iterator[tuple[str, str]]:
        """Name each feature that breaks the contract, and say what to give."""
        for name, value in features.items():
            if fault := self.fault(name, value):
                yield name, fault
        for name in self.required:
            if name not in features:
                yield name, "This feature is required"
