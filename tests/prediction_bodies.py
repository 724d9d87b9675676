"""Bodies of predictions: minimal ones, and generated ones, valid and nearly valid."""

from __future__ import annotations

import math
from typing import Any

from hypothesis import strategies as st

from model.feature_file import load_contract
from model.features import Feature
from model.scorecard import POLICIES

CONTRACT = load_contract()
REQUIRED = {"tenure": 12, "contract": "Month-to-month", "monthly_charges": 65.5}


def good(feature: Feature) -> st.SearchStrategy[Any]:
    """Values that the contract accepts."""
    values: st.SearchStrategy[Any]
    if feature.type == "category":
        values = st.sampled_from(feature.values)
    elif feature.type == "boolean":
        values = st.booleans()
    elif feature.type == "integer":
        values = st.integers(int(feature.minimum), int(feature.maximum))
    else:
        values = st.floats(feature.minimum, feature.maximum) | st.integers(
            math.ceil(feature.minimum), math.floor(feature.maximum)
        )
    return values if feature.required else st.none() | values


CUSTOMERS = st.fixed_dictionaries(
    {f.name: good(f) for f in CONTRACT.features if f.required},
    optional={f.name: good(f) for f in CONTRACT.features if not f.required},
)

ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from([v for f in CONTRACT.features for v in (f.values or ())]),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2)
    ),
    max_leaves=3,
)

NEARLY = st.fixed_dictionaries(
    {},
    optional={
        "features": ANYTHING
        | st.dictionaries(st.sampled_from([*CONTRACT.names, "tenur"]), ANYTHING)
        | st.tuples(
            CUSTOMERS, st.dictionaries(st.sampled_from(CONTRACT.names), ANYTHING, max_size=2)
        ).map(lambda pair: {**pair[0], **pair[1]}),
        "policy": ANYTHING | st.sampled_from(POLICIES),
        "other": st.none(),
    },
)
