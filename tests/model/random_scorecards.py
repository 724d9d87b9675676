"""Scorecards with random factors, for properties that every scorecard has."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from hypothesis import strategies as st

from model.features import Contract, Feature
from model.scorecard import Scorecard
from model.scorecard_file import from_dict


def random_document(seed: int, features: int = 5, pairs: int = 2) -> dict[str, Any]:
    """Make the content of a file: features f0, f1, … with texts, the odd ones with numbers.

    As in fitted ones, the precision of a feature is at least that of its own term. Every third
    feature has a bin for missing of its own, and the text `rare` of `f0` counts as unknown.
    """
    draw = np.random.default_rng(seed)
    terms = []
    for number in range(features):
        bins = {"edges": [1.0, 2.0]} if number % 2 else {"values": ["a", "b", "rare"]}
        known = [True, True, number > 0, number % 3 == 2]
        loadings, variance = draw.normal(size=2), float(draw.uniform(0.05, 1))
        root = draw.normal(size=(2, 2))
        precision = root @ root.T + np.outer(loadings, loadings) / variance
        terms.append(
            {
                "features": [f"f{number}"],
                "bins": [bins],
                "points": [float(draw.normal()) * one for one in known],
                "evidence": [draw.normal(size=2).tolist() if one else None for one in known],
                "precision": precision[[0, 0, 1], [0, 1, 1]].tolist(),
                "loadings": loadings.tolist(),
                "variance": variance,
            }
        )
    for number in range(pairs):
        one, other = terms[number], terms[number + 1]
        points = np.outer(np.ones(4), np.ones(4)) * draw.normal(size=(4, 4))
        for axis, term in enumerate((one, other)):
            unknown = [found is None for found in term["evidence"]]
            points[(unknown, slice(None)) if axis == 0 else (slice(None), unknown)] = 0
        terms.append(
            {
                "features": [one["features"][0], other["features"][0]],
                "bins": [one["bins"][0], other["bins"][0]],
                "points": points.tolist(),
                "variance": float(draw.uniform(0.05, 1)),
            }
        )
    return {
        "format": 2,
        "version": "1.0.0",
        "contract": "ab" * 32,
        "intercept": float(draw.normal()),
        "policies": {"default": 0.5},
        "unknown": {"shift": float(draw.normal() / 5), "spread": float(draw.uniform(0, 1))},
        "terms": terms,
        "selftest": [{"features": {}, "log_odds": 0.0}],
    }


@cache
def random_scorecard(seed: int) -> Scorecard:
    """Read such a file."""
    return from_dict(random_document(seed))


def random_customers() -> st.SearchStrategy[dict[str, Any]]:
    """Customers of random scorecards, any of their features left out or null."""
    texts = st.sampled_from([None, "a", "b", "rare"])
    numbers = st.sampled_from([None, 0.5, 1.0, 7.0])
    return st.fixed_dictionaries(
        {}, optional={f"f{number}": numbers if number % 2 else texts for number in range(5)}
    )


@cache
def random_contract() -> Contract:
    """Make the contract of random scorecards."""
    return Contract(
        tuple(
            Feature(f"f{i}", f"F{i}", "number", "", 1.0, minimum=0, maximum=9)
            if i % 2
            else Feature(f"f{i}", f"F{i}", "category", "", "a", values=("a", "b", "rare"))
            for i in range(5)
        )
    )
