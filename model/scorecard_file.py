"""Reads and checks `scorecard.json`."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from sys import float_info
from typing import Any, TypeGuard

from model.bins import Bins
from model.factor_model import FactorModel, FeatureFactors
from model.scorecard import Scorecard, ScorecardError, Term

FORMAT = 2
OLDER = 1
"""A format without factors, which releases before 1.1.0 have."""
MOST_POINTS = 100
"""Log-odds beyond which points must be a mistake: odds of 10^43 to one."""
MOST_EVIDENCE = 1e6
ROUNDING = 2e-6
"""Of numbers with six decimals, as a release writes those of the factors."""


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
    if not isinstance(data, dict) or data.get("format") not in (OLDER, FORMAT):
        raise ScorecardError(f"format: not a scorecard of format {OLDER} or {FORMAT}")
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
    terms = tuple(_term(number, entry) for number, entry in enumerate(data["terms"]))
    scorecard = Scorecard(
        version=data["version"],
        intercept=data["intercept"],
        terms=terms,
        policies=data["policies"],
        contract_digest=data["contract"],
        selftest=data["selftest"],
        factors=_factors(data, terms) if data["format"] == FORMAT else None,
    )
    for number, stored in enumerate(scorecard.selftest):
        try:
            scorecard.log_odds(stored["features"])
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


def _factors(data: dict[str, Any], terms: tuple[Term, ...]) -> FactorModel:
    constants = data.get("unknown")
    if not isinstance(constants, dict) or not all(
        _shaped(constants.get(key), []) for key in ("shift", "spread")
    ):
        raise ScorecardError("unknown: give the numbers shift and spread")
    if constants["spread"] < 0:
        raise ScorecardError("unknown: spread: give a number that isn't negative")
    entries = list(zip(terms, data["terms"], strict=True))
    single = tuple(_feature(term, entry) for term, entry in entries if len(term.features) == 1)
    pairs = tuple(
        (term.features[0], term.features[-1], _variance(term, entry))
        for term, entry in entries
        if len(term.features) > 1
    )
    names = [feature.name for feature in single]
    if len(set(names)) < len(names) or not {n for pair in pairs for n in pair[:2]} <= set(names):
        raise ScorecardError("terms: give each feature one term of its own")
    return FactorModel(single, pairs, constants["shift"], constants["spread"])


def _feature(term: Term, entry: dict[str, Any]) -> FeatureFactors:
    (name,), (bins,) = term.features, term.bins
    evidence, may_be_unknown = entry.get("evidence"), 0 if bins.values else bins.size - 1
    if not isinstance(evidence, list) or len(evidence) != bins.size:
        raise ScorecardError(f"terms: {name}: evidence: give one for each of {bins.size} bins")
    for number, found in enumerate(evidence):
        if not (_numbers(found, 2) or (found is None and number >= may_be_unknown)):
            raise ScorecardError(f"terms: {name}: evidence: give two numbers, or null for unknown")
    loadings, precision = entry.get("loadings"), entry.get("precision")
    if not _numbers(loadings, 2):
        raise ScorecardError(f"terms: {name}: loadings: give two numbers")
    if not _numbers(precision, 3) or not _is_precision(*precision):
        raise ScorecardError(f"terms: {name}: precision: give the three numbers of a precision")
    return FeatureFactors(
        name,
        bins,
        tuple(found and (found[0], found[1]) for found in evidence),
        (precision[0], precision[1], precision[2]),
        (loadings[0], loadings[1]),
        _variance(term, entry),
    )


def _variance(term: Term, entry: Any) -> float:
    variance = entry.get("variance")
    if not finite(variance) or not 0 <= variance <= MOST_POINTS**2:
        raise ScorecardError(f"terms: {' x '.join(term.features)}: variance: give one, 0 or more")
    return float(variance)


def _numbers(values: Any, size: int) -> TypeGuard[list[float]]:
    return isinstance(values, list) and len(values) == size and all(map(_bounded, values))


def _bounded(value: Any) -> bool:
    return finite(value) and abs(value) <= MOST_EVIDENCE


def _is_precision(one: float, one_two: float, other: float) -> bool:
    """Whether a symmetric matrix has no negative eigenvalue, but for rounding."""
    return one >= 0 and other >= 0 and one * other - one_two**2 >= -ROUNDING * (one + other)


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
