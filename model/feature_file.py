"""Reads and checks `features.yaml`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from itertools import chain
from pathlib import Path
from sys import float_info
from typing import Any

import yaml

from model.cell_reading import CellReader, fold_name, fold_value
from model.features import MISSING, Contract, ContractError, Feature

PATH = Path(__file__).with_name("features.yaml")
TYPES = ("number", "integer", "category", "boolean")
WORDS = {"monotone": ("increasing", "decreasing"), "when_missing": ("unknown", "informative")}
"""Keys of a feature that are one of two words, or not there."""

_GIVE_TEXTS = "give a list of texts (quote yes, no and numbers)"


_KEYS = tuple(field.name for field in fields(Feature) if field.name != "name")


class _Loader(yaml.SafeLoader):
    """Refuses a key given twice; YAML's own loader takes the last one.

    Not libyaml's loader: it is faster, but deeply nested brackets end the process.
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
    return parse_contract(path.read_bytes(), path.name)


def parse_contract(text: bytes, name: str) -> Contract:
    """Check the content of a feature file of that name.

    Raises:
        ContractError: naming file, feature and key.
    """
    try:
        data = yaml.load(text, _Loader)  # noqa: S506 - a SafeLoader
    except (yaml.YAMLError, RecursionError) as error:
        raise ContractError(f"{name}: {' '.join(str(error).split())}") from None
    entries = data.get("features") if isinstance(data, dict) else None
    if not isinstance(entries, dict) or not entries:
        raise ContractError(f"{name}: features: give at least one, by name")
    try:
        features = tuple(_feature(feature, entry) for feature, entry in entries.items())
        for feature, fault in _alias_faults(features):
            raise ContractError(f"{feature.name}: aliases: {fault}")
        lists = {"missing": data.get("missing", MISSING), "ignored": data.get("ignored", ())}
        for key, texts in lists.items():
            if not _texts(texts):
                raise ContractError(f"{key}: {_GIVE_TEXTS} (got {texts!r})")
    except ContractError as error:
        raise ContractError(f"{name}: {error}") from None
    return Contract(features, text, **{key: tuple(texts) for key, texts in lists.items()})


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
    checks = (_faults, _range_faults, _values_faults, _word_faults)
    for key, fault in chain.from_iterable(check(entry) for check in checks):
        raise ContractError(f"{name}: {key}: {fault} (got {entry.get(key)!r})")
    lists = {key: tuple(entry.get(key, ())) for key in ("values", "aliases")}
    feature = Feature(name=name, **entry | lists)
    for fault in _code_faults(feature):
        raise ContractError(f"{name}: codes: {fault}")
    if wrong := feature.fault(feature.example):
        raise ContractError(f"{name}: example: {wrong} (got {feature.example!r})")
    return feature


_Faults = Iterator[tuple[str, str]]
"""Wrong keys of one feature, each with what to give instead."""


def _faults(entry: dict[str, Any]) -> _Faults:
    for key in ("label", "description", "unit"):
        text = entry.get(key, "-")
        if not isinstance(text, str) or not text.strip():
            yield key, "give words"
    if entry["example"] is None:
        yield "example", "give a value"
    for key in ("required", "actionable"):
        if type(entry.get(key, False)) is not bool:
            yield key, "give true or false"
    if entry["type"] not in TYPES:
        yield "type", f"give one of {', '.join(TYPES)}"
    if not _texts(entry.get("aliases", ())):
        yield "aliases", _GIVE_TEXTS
    codes = entry.get("codes", {})
    if not isinstance(codes, dict) or not _texts([*codes]):
        yield "codes", "give a value for each text (quote yes, no and numbers)"


def _range_faults(entry: dict[str, Any]) -> _Faults:
    numeric = entry["type"] in ("number", "integer")
    for key in ("minimum", "maximum"):
        if numeric and not _finite(entry.get(key)):
            yield key, "give a finite number"
        if not numeric and key in entry:
            yield key, "only a number has one"
    if numeric and entry["minimum"] >= entry["maximum"]:
        yield "maximum", "give a number above the minimum"


def _word_faults(entry: dict[str, Any]) -> _Faults:
    for key, words in WORDS.items():
        if key in entry and entry[key] not in words:
            yield key, f"give {' or '.join(words)}"
    if "monotone" in entry and entry["type"] not in ("number", "integer"):
        yield "monotone", "only a number or an integer has one"


def _values_faults(entry: dict[str, Any]) -> _Faults:
    values = entry.get("values")
    if entry["type"] != "category":
        if "values" in entry:
            yield "values", "only a category has them"
    elif not _texts(values):
        yield "values", _GIVE_TEXTS
    elif not values or len(set(values)) != len(values):
        yield "values", "give each value once"


def _alias_faults(features: tuple[Feature, ...]) -> Iterator[tuple[Feature, str]]:
    """Find aliases that name nothing, or that name another feature too."""
    named = {fold_name(feature.name): feature for feature in features}
    for feature in features:
        for alias in feature.aliases:
            other = named.setdefault(fold_name(alias), feature)
            if other is not feature:
                yield feature, f"{alias!r} is a name of {other.name}"
            if not fold_name(alias):
                yield feature, "give words"


def _code_faults(feature: Feature) -> Iterator[str]:
    seen: dict[str, str] = {}
    plain = CellReader(replace(feature, codes={}), ())
    for code, value in feature.codes.items():
        folded = fold_value(code)
        if other := seen.get(folded):
            yield f"{other!r} and {code!r} are the same in files"
        seen[folded] = code
        if value is None or (fault := feature.fault(value)):
            yield f"{code!r}: {'Give a value' if value is None else fault} (got {value!r})"
        try:
            meant = plain.from_text(code)
        except ValueError:
            continue
        if meant != value:
            yield f"{code!r} means {meant!r} without it"


def _texts(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(text, str) for text in value)


def _finite(value: Any) -> bool:
    return type(value) in (int, float) and abs(value) <= float_info.max
