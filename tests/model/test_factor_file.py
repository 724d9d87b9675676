"""The factors in a scorecard file: what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from model.scorecard import ScorecardError
from model.scorecard_file import from_dict, load_scorecard
from tests.model.random_scorecards import random_document

PAIR = 5
"""Position of the first pair."""


def term(number: int = 0, **keys: Any) -> dict[str, Any]:
    """A sound document with one term changed; a key of None is left out."""
    document = random_document(1)
    changed = document["terms"][number] | keys
    document["terms"][number] = {k: v for k, v in changed.items() if v is not None}
    return document


def test_the_document_is_sound() -> None:
    assert from_dict(random_document(1)).factors


@pytest.mark.parametrize(
    ("document", "said"),
    [
        pytest.param(random_document(1) | {"unknown": None}, "unknown", id="no constants"),
        pytest.param(random_document(1) | {"unknown": {"shift": 1}}, "unknown", id="no spread"),
        pytest.param(
            random_document(1) | {"unknown": {"shift": 0, "spread": -1}},
            "unknown: spread",
            id="a negative spread",
        ),
        pytest.param(term(evidence=None), "f0: evidence", id="no evidence"),
        pytest.param(term(evidence=[[1, 2]]), "f0: evidence: give one for each of 4", id="few"),
        pytest.param(term(evidence=[[1, 2], [1], None, None]), "f0: evidence: give two", id="one"),
        pytest.param(term(evidence=[[1, 2], 7, None, None]), "f0: evidence: give two", id="a 7"),
        pytest.param(
            term(1, evidence=[None, [1, 2], [1, 2], None]),
            "f1: evidence: give two",
            id="a number counts as unknown",
        ),
        pytest.param(term(loadings=[1]), "f0: loadings", id="one loading"),
        pytest.param(term(loadings=[1, 10**400]), "f0: loadings", id="a huge loading"),
        pytest.param(term(precision=[1, 2]), "f0: precision", id="two numbers of a precision"),
        pytest.param(term(precision=[1, 2, 1]), "f0: precision", id="no precision matrix"),
        pytest.param(term(precision=[-1, 0, 1]), "f0: precision", id="a negative precision"),
        pytest.param(term(variance=None), "f0: variance", id="no variance"),
        pytest.param(term(variance=-0.1), "f0: variance", id="a negative variance"),
        pytest.param(term(PAIR, variance="x"), "f0 x f1: variance", id="a pair's variance"),
        pytest.param(term(features=["f1"]), "each feature one term", id="two terms of a feature"),
        pytest.param(
            term(PAIR, features=["f0", "g"]), "each feature one term", id="a pair's feature alone"
        ),
    ],
)
def test_unsound_factors_are_refused_by_name(tmp_path: Path, document: Any, said: str) -> None:
    path = tmp_path / "scorecard.json"
    path.write_text(json.dumps(document))
    with pytest.raises(ScorecardError, match=rf"^scorecard\.json: .*{said}"):
        load_scorecard(path)
