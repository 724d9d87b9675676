"""The contract of the model's features, read from `features.yaml`.

Everything else that knows about features takes it from here: the API's schemas and examples, the
columns of training, the model card's factors, the checks of files read in bulk.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from math import inf
from typing import Any

_TRUE, _FALSE = ("1", "true", "yes"), ("0", "false", "no")
# int() and float() also read "1_000", " 1" and digits of other scripts.
_NUMBER = re.compile(r"[-+]?([0-9]{1,30}(\.[0-9]{0,30})?|\.[0-9]{1,30})([eE][-+]?[0-9]{1,3})?")
_INTEGER = re.compile(r"[-+]?[0-9]{1,30}(\.0{0,30})?")
"""Written as 12.0 by programs that keep a column with gaps as real numbers."""


class ContractError(ValueError):
    """The feature file cannot be used; the message names file, feature and key."""


@dataclass(frozen=True)
class Feature:
    """One feature of a customer."""

    name: str
    label: str
    type: str
    description: str
    example: Any
    unit: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    values: tuple[str, ...] = ()
    required: bool = False

    @property
    def range(self) -> tuple[float, float]:
        """The ends of what a number may be, both included."""
        low, high = self.minimum, self.maximum
        return -inf if low is None else low, inf if high is None else high

    def fault(self, value: Any) -> str | None:
        """Say what would be right where `value` (a JSON value, not null) is not, else None."""
        if self.type == "category":
            if type(value) is str and value in self.values:
                return None
            return f"Give one of {', '.join(self.values)}"
        if self.type == "boolean":
            return None if type(value) is bool else "Give true or false"
        whole = self.type == "integer"
        # 12.0 is an integer to JSON Schema, and to JavaScript the same number as 12.
        right = type(value) is int or (type(value) is float and (not whole or value.is_integer()))
        low, high = self.range
        if right and low <= value <= high:
            return None
        kind = "a whole number" if whole else "a number"
        unit = f" ({self.unit})" if self.unit else ""
        return f"Give {kind} from {self.minimum} to {self.maximum}{unit}"

    def canonical(self, value: Any) -> Any:
        """The one form of a value, null included, that JSON has several of: 12.0 months are 12."""
        if value is None or self.type not in ("integer", "number"):
            return value
        return int(value) if self.type == "integer" else float(value) + 0.0  # not minus zero

    def from_text(self, text: str) -> Any:
        """Read a cell of a CSV file; empty means not known (None).

        Raises:
            ValueError: saying what would be right.
        """
        text = text.strip()
        if not text:
            return None
        value: Any = text
        if self.type == "integer" and _INTEGER.fullmatch(text):
            value = int(text.partition(".")[0])
        elif self.type == "number" and _NUMBER.fullmatch(text):
            value = float(text)
        elif self.type == "boolean":
            lowered = text.lower()
            value = True if lowered in _TRUE else False if lowered in _FALSE else text
        if fault := self.fault(value):
            raise ValueError(fault)
        return value


class Contract:
    """The features by name, in the file's order.

    Args:
        features: at least one, names unique.
        digest: SHA-256 of the file, in hexadecimal.
    """

    def __init__(self, features: tuple[Feature, ...], digest: str) -> None:
        self.features = features
        self.digest = digest
        self.by_name = {feature.name: feature for feature in features}
        self.names = tuple(self.by_name)
        self.required = tuple(f.name for f in features if f.required)
        self._required = frozenset(self.required)
        self._accept = {feature.name: _acceptor(feature) for feature in features}

    def example(self) -> dict[str, Any]:
        """Every feature's example, by name."""
        return {feature.name: feature.example for feature in self.features}

    def accepts(self, features: Mapping[str, Any]) -> bool:
        """Whether a customer's features hold to the contract; on the path of every prediction."""
        accept = self._accept
        for name, value in features.items():
            check = accept.get(name)
            if check is None or not check(value):
                return False
        return features.keys() >= self._required

    def count_faults(self, features: Mapping[str, Any]) -> int:
        """How many values are wrong, not known or missing, without a word about any."""
        accept = self._accept
        wrong = sum(
            name not in accept or not accept[name](value) for name, value in features.items()
        )
        return wrong + len(self._required - features.keys())

    def fault(self, name: str, value: Any) -> str | None:
        """Say what is wrong with one value in words that say what would be right, or None."""
        feature = self.by_name.get(name)
        if feature is None:
            close = get_close_matches(name, self.names, n=1)
            hint = f"; did you mean {close[0]}?" if close else ""
            return f"There is no such feature{hint}"
        if value is None:
            return "This feature is required and cannot be null" if feature.required else None
        return feature.fault(value)

    def from_text(self, name: str, text: str) -> Any:
        """Read a cell of a CSV file, as `Feature.from_text`."""
        return self.by_name[name].from_text(text)


def _acceptor(feature: Feature) -> Callable[[Any], bool]:
    """`fault` as a quick yes or no."""
    optional = not feature.required
    if feature.type == "category":
        values = frozenset(feature.values)
        return lambda v: (type(v) is str and v in values) or (v is None and optional)
    if feature.type == "boolean":
        return lambda v: v is True or v is False or (v is None and optional)
    low, high = feature.range
    if feature.type == "integer":
        return lambda v: (
            ((type(v) is int or (type(v) is float and v.is_integer())) and low <= v <= high)
            or (v is None and optional)
        )
    return lambda v: (
        ((type(v) is float or type(v) is int) and low <= v <= high) or (v is None and optional)
    )
