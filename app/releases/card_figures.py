"""Compares the figures of a model card with the files from which they come.

A card repeats what the evaluation, the scorecard and the contract state. Each figure that it
repeats must be theirs, and it may state no figure of its own but in what people write.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from app.releases.named_leaves import Leaf, differences, is_number, leaves
from model import card_sections
from model.economics import NAME as ECONOMICS
from model.economics import Economics
from model.features import Contract

EVALUATION, SCORECARD, CONTRACT = "evaluation.json", "scorecard.json", "features.yaml"

_PROSE = (
    *("name", "version", "date", "owner", "demonstration", "decisions", "description"),
    *("intended_use", "factors", "ethical_considerations", "caveats_and_recommendations"),
    *("references", "artifacts", "metrics.decision_threshold_goals", "training_data.dataset"),
    *("training_data.preprocessing", "fairness_limits", "fairness_exceptions"),
)
"""Sections that people write, and the digests, which are checked otherwise."""

_LIMIT = ".threshold"
"""The end of a metric's limit, which people set."""


def disagreements(
    card: dict[str, Any],
    evaluation: dict[str, Any],
    policies: Mapping[str, float],
    contract: Contract,
    economics: Economics | None,
) -> Iterator[str]:
    """Say of each figure of a card that another file contradicts: its name and both values.

    Raises:
        KeyError, TypeError, AttributeError, ValueError: the card or the evaluation lacks a section.
    """
    sources = {
        EVALUATION: _of_evaluation(evaluation),
        SCORECARD: {"metrics": {"decision_thresholds": dict(policies)}},
        CONTRACT: {"model_details": {"features": _types(contract)}},
    }
    if economics:
        sources[ECONOMICS] = {"economics": economics.as_stated()}
    stated, repeated = dict(leaves(card)), set[str]()
    for source, document in sources.items():
        expected = dict(leaves(document))
        found = {name: stated[name] for name in expected if name in stated}
        yield from differences(found, expected, source)
        repeated |= expected.keys()
    for name, leaf in stated.items():
        if name not in repeated and _is_figure(name, leaf):
            yield f"{name}: {leaf!r}, which no other file of the release has"


def _is_figure(name: str, leaf: Leaf) -> bool:
    """Whether the card may state it only as a repetition."""
    if not is_number(leaf) and not name.endswith("_interval"):
        return False
    is_limit = name.startswith("metrics.model_performance.") and name.endswith(_LIMIT)
    return not is_limit and not any(name == key or name.startswith(f"{key}.") for key in _PROSE)


def _of_evaluation(evaluation: dict[str, Any]) -> dict[str, Any]:
    """Return what the card should repeat of the evaluation, in the card's own places."""
    sizes = evaluation["sizes"]
    repeated = {
        "metrics": {"model_performance": evaluation["metrics"]},
        "training_data": {
            "dataset": {"size": sizes["all"]},
            "data_splits": {key: sizes[key] for key in ("train", "validation", "test")},
        },
        "evaluation_data": {
            "datasets": [
                {"size": sizes[part], "performance": evaluation["performance"][part]}
                for part in ("test", "validation")
            ]
        },
        "fairness": [card_sections.group(group) for group in evaluation["fairness"]],
        "model_details": evaluation["model"],
    }
    for key, derive in _DERIVED.items():
        if key in evaluation:
            repeated |= derive(evaluation[key])
    return repeated


def _gaps(gaps: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the card's sections of gaps between groups, and the limits that they quote."""
    limits = {gap["metric"]: gap["limit"] for gap in gaps if gap["limit"] is not None}
    return card_sections.fairness({"fairness_limits": limits}, gaps)


_DERIVED: dict[str, Callable[[Any], dict[str, Any]]] = {
    "partial": lambda found: {"partial_customers": card_sections.partial(found)},
    "calibration_out_of_fold": lambda found: {"calibration": card_sections.calibration(found)},
    "repeated_cross_validation": lambda found: {
        "repeated_cross_validation": card_sections.repeated(found, "")
    },
    "fairness_gaps": _gaps,
    "economics": lambda found: {"economics": found},
}
"""Sections of the card by those of the evaluation, which older releases lack."""


def _types(contract: Contract) -> dict[str, Any]:
    types = [feature.type for feature in contract.features]
    return {"count": len(types), "types": {kind: types.count(kind) for kind in set(types)}}
