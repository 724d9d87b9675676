"""The contract of the model's features, read from `features.yaml`.

Everything else that knows about features takes it from here: the API's schemas and examples, the
columns of training, the model card's factors, the checks of files read in bulk.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches
from itertools import chain
from math import inf
from pathlib import Path
from sys import float_info
from typing import Any

import yaml

PATH = Path(__file__).with_name("features.yaml")
TYPES = ("number", "integer", "category", "boolean")
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


_KEYS = tuple(field.name for field in fields(Feature) if field.name != "name")


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


class _Loader(yaml.SafeLoader):
    """Refuses a key given twice, where YAML's own loader lets the last one win.

    Not libyaml's, which is quicker and ends the process where brackets nest too deep.
    """

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value]
        for (key, _), name in zip(node.value, keys, strict=True):
            if keys.count(name) > 1:
                raise yaml.MarkedYAMLError(
                    problem=f"{name}: given twice", problem_mark=key.start_mark
                )
        return super().construct_mapping(node, deep)


def load_contract(path: Path = PATH) -> Contract:
    """Read and check the feature file.

    Raises:
        ContractError: naming file, feature and key.
        OSError: the file cannot be read.
    """
    content = path.read_bytes()
    try:
        data = yaml.load(content, _Loader)  # noqa: S506 - a SafeLoader
    except (yaml.YAMLError, RecursionError) as error:
        raise ContractError(f"{path.name}: {' '.join(str(error).split())}") from None
    entries = data.get("features") if isinstance(data, dict) else None
    if not isinstance(entries, dict) or not entries:
        raise ContractError(f"{path.name}: features: give at least one, by name")
    try:
        features = tuple(_feature(name, entry) for name, entry in entries.items())
    except ContractError as error:
        raise ContractError(f"{path.name}: {error}") from None
    return Contract(features, hashlib.sha256(content).hexdigest())


def _feature(name: Any, entry: Any) -> Feature:
    if not isinstance(name, str) or not isinstance(entry, dict):
        raise ContractError(
            f"{name}: give a mapping of label, type and so on, under a name in text"
        )
    if unknown := [key for key in entry if key not in _KEYS]:
        raise ContractError(f"{name}: {unknown[0]}: no such key; one of {', '.join(_KEYS)}")
    for key in ("label", "type", "description", "example"):
        if key not in entry:
            raise ContractError(f"{name}: {key}: missing")
    for key, fault in chain(_faults(entry), _range_faults(entry), _values_faults(entry)):
        raise ContractError(f"{name}: {key}: {fault} (got {entry.get(key)!r})")
    feature = Feature(name=name, **entry | {"values": tuple(entry.get("values", ()))})
    if wrong := feature.fault(feature.example):
        raise ContractError(f"{name}: example: {wrong} (got {feature.example!r})")
    return feature


_Faults = Iterator[tuple[str, str]]
"""Keys of one feature that cannot be used, each with what would be right."""


def _faults(entry: dict[str, Any]) -> _Faults:
    for key in ("label", "description", "unit"):
        text = entry.get(key, "-")
        if not isinstance(text, str) or not text.strip():
            yield key, "give words"
    if type(entry.get("required", False)) is not bool:
        yield "required", "give true or false"
    if entry["type"] not in TYPES:
        yield "type", f"give one of {', '.join(TYPES)}"


def _range_faults(entry: dict[str, Any]) -> _Faults:
    numeric = entry["type"] in ("number", "integer")
    for key in ("minimum", "maximum"):
        if numeric and not _finite(entry.get(key)):
            yield key, "give a finite number"
        if not numeric and key in entry:
            yield key, "only a number has one"
    if numeric and entry["minimum"] >= entry["maximum"]:
        yield "maximum", "give a number above the minimum"


def _values_faults(entry: dict[str, Any]) -> _Faults:
    values = entry.get("values")
    if entry["type"] != "category":
        if "values" in entry:
            yield "values", "only a category has them"
    elif not isinstance(values, list) or not all(isinstance(v, str) for v in values):
        yield "values", "give a list of texts (quote yes, no and numbers)"
    elif not values or len(set(values)) != len(values):
        yield "values", "give each value once"


def _finite(value: Any) -> bool:
    return type(value) in (int, float) and abs(value) <= float_info.max
