"""The contract of the model's features, read from `features.yaml`.

Everything else that knows about features takes it from here: the API's schemas and examples, the
columns of training, the model card's factors, the checks of files read in bulk.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from math import isfinite
from pathlib import Path
from typing import Any

import yaml

PATH = Path(__file__).with_name("features.yaml")
TYPES = ("number", "integer", "category", "boolean")
_TRUE, _FALSE = ("1", "true", "yes"), ("0", "false", "no")


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

    def fault(self, value: Any) -> str | None:
        """Say what would be right where `value` (a JSON value, not null) is not, else None."""
        if self.type == "category":
            if type(value) is str and value in self.values:
                return None
            return f"Give one of {', '.join(self.values)}"
        if self.type == "boolean":
            return None if type(value) is bool else "Give true or false"
        whole = self.type == "integer"
        right = type(value) is int or (not whole and type(value) is float)
        if right and self.minimum <= value <= self.maximum:  # type: ignore[operator]
            return None
        kind = "a whole number" if whole else "a number"
        unit = f" ({self.unit})" if self.unit else ""
        return f"Give {kind} from {self.minimum} to {self.maximum}{unit}"

    def from_text(self, text: str) -> Any:
        """Read a cell of a CSV file; empty means not known (None).

        Raises:
            ValueError: saying what would be right.
        """
        text = text.strip()
        if not text:
            return None
        value: Any = text
        try:
            if self.type == "integer":
                value = int(text)
            elif self.type == "number":
                value = float(text)
        except ValueError:
            value = text
        if self.type == "boolean":
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
        return all([name in features for name in self.required])

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
    low, high = feature.minimum, feature.maximum
    if feature.type == "integer":
        return lambda v: (type(v) is int and low <= v <= high) or (v is None and optional)
    return lambda v: (
        ((type(v) is float or type(v) is int) and low <= v <= high) or (v is None and optional)
    )


def load_contract(path: Path = PATH) -> Contract:
    """Read and check the feature file.

    Raises:
        ContractError: naming file, feature and key.
        OSError: the file cannot be read.
    """
    content = path.read_bytes()
    try:
        entries = yaml.safe_load(content)["features"]
        features = tuple(_feature(path.name, name, entry) for name, entry in entries.items())
    except (yaml.YAMLError, TypeError, KeyError, AttributeError) as error:
        raise ContractError(f"{path.name}: not a mapping of features: {error}") from None
    if not features:
        raise ContractError(f"{path.name}: no features")
    return Contract(features, hashlib.sha256(content).hexdigest())


def _feature(file: str, name: str, entry: dict[str, Any]) -> Feature:
    def wrong(key: str, right: str) -> ContractError:
        return ContractError(f"{file}: {name}: {key}: {right} (got {entry.get(key)!r})")

    known = Feature.__dataclass_fields__.keys() - {"name"}
    if extra := set(entry) - known:
        raise ContractError(f"{file}: {name}: {sorted(extra)[0]}: no such key")
    for key in ("label", "description"):
        if not isinstance(entry.get(key), str) or not entry[key].strip():
            raise wrong(key, "give words")
    if entry.get("type") not in TYPES:
        raise wrong("type", f"give one of {', '.join(TYPES)}")
    if entry["type"] in ("number", "integer"):
        for key in ("minimum", "maximum"):
            if type(entry.get(key)) not in (int, float) or not isfinite(entry[key]):
                raise wrong(key, "give a finite number")
        if entry["minimum"] >= entry["maximum"]:
            raise wrong("maximum", "give a number above the minimum")
    if entry["type"] == "category":
        values = entry.get("values")
        if not isinstance(values, list) or not all(isinstance(v, str) for v in values):
            raise wrong("values", "give a list of texts (quote yes, no and numbers)")
        if not values or len(set(values)) != len(values):
            raise wrong("values", "give each value once")
        entry = entry | {"values": tuple(values)}
    feature = Feature(name=name, **{"example": None, **entry})
    if fault := feature.fault(feature.example):
        raise wrong("example", fault)
    return feature
