"""Compares the figures of a model card with the files from which they come.

A card repeats what the evaluation, the scorecard and the contract state. Each figure that it
repeats must be theirs, and it may state no figure of its own but in what people write.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from app.releases.named_leaves import Leaf, differences, is_number, leaves
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

_PARTIAL = ("mean_probability", "calibration_error", "coverage", "roc_auc", "log_loss", "recall")


def disagreements(
    card: dict[str, Any],
    evaluation: dict[str, Any],
    policies: Mapping[str, float],
    contract: Contract,
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
    stated = dict(leaves(card))
    for source, document in sources.items():
        expected = dict(leaves(document))
        found = {name: stated.pop(name) for name in expected if name in stated}
        yield from differences(found, expected, source)
    for name, leaf in stated.items():
        if _is_figure(name, leaf):
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
        "fairness": [_flat(group) for group in evaluation["fairness"]],
        "model_details": evaluation["model"],
    }
    if "partial" in evaluation:
        repeated["partial_customers"] = _partial(evaluation["partial"])
    return repeated


def _flat(group: dict[str, Any]) -> dict[str, Any]:
    """Return a group's metrics as the card's table has them."""
    row = {key: value for key, value in group.items() if key != "metrics"}
    for metric in group["metrics"]:
        row[metric["metric"]] = metric["value"]
        row[f"{metric['metric']}_interval"] = _interval(*metric["interval"])
    return row


def _partial(partial: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the rows of customers of whom not everything is known."""
    random = partial["random_known"]
    rows = {
        "all features": partial["all_known"],
        "the required features": partial.get("required_known"),
        "200 random sets, mean": random,
        "200 random sets, the worst": {name: random[f"{name}_worst"] for name in _PARTIAL},
    }
    found = [
        {"known": known} | {name: figures[name] for name in _PARTIAL if name in figures}
        for known, figures in rows.items()
        if figures
    ]
    for row in found:
        if row["known"] == "200 random sets, mean":
            low, high = random["calibration_error_low"], random["calibration_error_high"]
            row["calibration_error_interval"] = _interval(low, high)
    return found


def _types(contract: Contract) -> dict[str, Any]:
    types = [feature.type for feature in contract.features]
    return {"count": len(types), "types": {kind: types.count(kind) for kind in set(types)}}


def _interval(low: float, high: float) -> str:
    return f"{low:.3f} to {high:.3f}"
