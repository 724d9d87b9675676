"""Reads and checks `scorecard.json`."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from sys import float_info
from typing import Any

from model.scorecard import Bins, Scorecard, ScorecardError, Term

FORMAT = 1
MOST_POINTS = 100
"""Log-odds beyond which points must be a mistake: odds of 10^43 to one."""


def load_scorecard(path: Path) -> Scorecard:
    """Read and check a scorecard.

    Raises:
        ScorecardError: naming the term and key at fault.
        OSError: the file cannot be read.
    """
    return parse_scorecard(path.read_bytes(), path.name)


def parse_scorecard(content: bytes, name: str) -> Scorecard:
    """Check the content of a file of that name.

    Raises:
        ScorecardError: naming the term and key at fault.
    """
    try:
        return from_dict(json.loads(content))
    except (ValueError, RecursionError) as error:
        raise ScorecardError(f"{name}: {error}") from None


def from_dict(data: Any) -> Scorecard:
    """Make a scorecard from a parsed file.

    Raises:
        ScorecardError: naming the term and key at fault.
    """
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise ScorecardError(f"format: not a scorecard of format {FORMAT}")
    kinds = {"version": str, "contract": str, "policies": dict, "terms": list, "selftest": list}
    for key, kind in kinds.items():
        if not isinstance(data.get(key), kind) or not data[key]:
            raise ScorecardError(f"{key}: missing, empty or of the wrong type")
    if not _shaped(data.get("intercept"), []):
        raise ScorecardError(f"intercept: give a number from {-MOST_POINTS} to {MOST_POINTS}")
    for name in sorted({"default", *data["policies"]}):
        threshold = data["policies"].get(name)
        if not finite(threshold) or not 0 < threshold < 1:
            raise ScorecardError(f"policies: {name}: give a threshold between 0 and 1")
    scorecard = Scorecard(
        version=data["version"],
        intercept=data["intercept"],
        terms=tuple(_term(number, entry) for number, entry in enumerate(data["terms"])),
        policies=data["policies"],
        contract_digest=data["contract"],
        selftest=data["selftest"],
    )
    for number, stored in enumerate(scorecard.selftest):
        try:
            scorecard.effects(stored["features"])
            sound = finite(stored["log_odds"])
        except (KeyError, TypeError, AttributeError):
            sound = False
        if not sound:
            raise ScorecardError(f"selftest: customer {number}: give features and log_odds")
    return scorecard


def _term(number: int, entry: Any) -> Term:
    try:
        features, points = tuple(entry["features"]), entry["points"]
        bins = tuple(
            Bins(tuple(b.get("edges", ())), tuple(b.get("values", ()))) for b in entry["bins"]
        )
        name = " x ".join(features)
    except (KeyError, TypeError, AttributeError) as error:
        raise ScorecardError(f"terms: {number}: a key is missing or wrong: {error}") from None
    if len(features) not in (1, 2) or len(bins) != len(features):
        raise ScorecardError(f"terms: {name}: give one or two features, and the bins of each")
    if not all(map(_sound, bins)):
        raise ScorecardError(f"terms: {name}: bins: give finite ascending edges or distinct values")
    if not _shaped(points, [b.size for b in bins]):
        sizes = " x ".join(str(b.size) for b in bins)
        limits = f"from {-MOST_POINTS} to {MOST_POINTS}"
        raise ScorecardError(f"terms: {name}: points: give {sizes} numbers {limits}")
    return Term(features, bins, points)


def _sound(bins: Bins) -> bool:
    if bins.values:
        texts = all(type(value) in (str, bool) for value in bins.values)
        return texts and not bins.edges and len(set(bins.values)) == len(bins.values)
    return all(map(finite, bins.edges)) and all(a < b for a, b in pairwise(bins.edges))


def _shaped(points: Any, sizes: list[int]) -> bool:
    if not sizes:
        return finite(points) and abs(points) <= MOST_POINTS
    if not isinstance(points, list) or len(points) != sizes[0]:
        return False
    return all(_shaped(below, sizes[1:]) for below in points)


def finite(value: Any) -> bool:
    """Whether a value is a number that fits a double, and not NaN."""
    return type(value) in (int, float) and abs(value) <= float_info.max
