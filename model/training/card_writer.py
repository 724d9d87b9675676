"""Makes the model card from the prose in `card.yaml` and the figures of a release."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from model import card_sections, spread_text
from model.features import Contract
from model.training import fairness_prose

PATH = Path(__file__).parent.with_name("card.yaml")
LOWER_IS_BETTER = ("log_loss", "brier_score")

OPTIONAL: dict[str, type] = {"owner": str, "demonstration": bool, "decisions": list}
"""The owning team; whether the data is a sample; documents that decided on the model."""

_KEYS: dict[str, type] = {
    "name": str,
    "version": str,
    "description": str,
    "intended_use": dict,
    "factors": dict,
    "thresholds": dict,
    "decision_thresholds": dict,
    "dataset": dict,
    "preprocessing": list,
    "risks": list,
    "mitigations": list,
    "caveats_and_recommendations": list,
    "references": dict,
}


class CardError(ValueError):
    """The card file cannot be used; the message names file and key."""


def load_prose(path: Path, contract: Contract) -> dict[str, Any]:
    """Read the prose of the card.

    Raises:
        CardError: naming file and key.
        OSError: the file cannot be read.
    """
    try:
        prose = yaml.safe_load(path.read_bytes())
    except (yaml.YAMLError, RecursionError) as error:
        raise CardError(f"{path.name}: {' '.join(str(error).split())}") from None
    if not isinstance(prose, dict):
        raise CardError(f"{path.name}: give a mapping")
    _check_kinds(path, prose)
    if not re.fullmatch(r"\d+\.\d+\.\d+", prose["version"]):
        raise CardError(f"{path.name}: version: give three numbers, as 1.0.0")
    if "date" not in prose:
        raise CardError(f"{path.name}: date: missing")
    for factor in prose["factors"].get("evaluation_factors", ()):
        feature = contract.by_name.get(factor)
        if feature is None or feature.type not in ("boolean", "category"):
            raise CardError(
                f"{path.name}: factors: {factor} is not a feature of type boolean or category"
            )
    fault = fairness_prose.fault(prose) or spread_text.fault(prose)
    if fault:
        raise CardError(f"{path.name}: {fault}")
    return prose


def _check_kinds(path: Path, prose: dict[str, Any]) -> None:
    for key, kind in _KEYS.items():
        if not isinstance(prose.get(key), kind) or not (prose[key] or key == "thresholds"):
            raise CardError(f"{path.name}: {key}: missing, empty or of the wrong type")
    for key, kind in OPTIONAL.items():
        if key in prose and not isinstance(prose[key], kind):
            raise CardError(f"{path.name}: {key}: of the wrong type")


def beyond_limits(prose: dict[str, Any], metrics: list[dict[str, Any]]) -> list[str]:
    """Name the metrics that are worse than the card allows, or not measured."""
    values = {metric["metric"]: metric["value"] for metric in metrics}
    faults = []
    for name, limit in prose["thresholds"].items():
        if name not in values:
            faults.append(f"{name}: has a threshold but is not measured")
        elif name in LOWER_IS_BETTER and values[name] > limit:
            faults.append(f"{name}: {values[name]} is above its threshold {limit}")
        elif name not in LOWER_IS_BETTER and values[name] < limit:
            faults.append(f"{name}: {values[name]} is below its threshold {limit}")
    return faults


def with_reasons(prose: dict[str, Any], reasons: dict[str, str]) -> dict[str, Any]:
    """Add to the goals of the policies what was found: a goal is missed, or why a threshold pays.

    Args:
        prose: of the card.
        reasons: sentences by policy.
    """
    goals = prose["decision_thresholds"]
    added = {policy: f"{goals.get(policy, '')} {said}".strip() for policy, said in reasons.items()}
    return prose | {"decision_thresholds": goals | added}


def fill(
    prose: dict[str, Any],
    contract: Contract,
    evaluation: dict[str, Any],
    policies: dict[str, float],
    digests: dict[str, str],
) -> dict[str, Any]:
    """Return the whole card, in the order of the documentation standard."""
    sizes, types = evaluation["sizes"], [feature.type for feature in contract.features]
    performance = [
        metric | ({"threshold": limit} if (limit := prose["thresholds"].get(name)) else {})
        for metric in evaluation["metrics"]
        for name in [metric["metric"]]
    ]
    return {
        "name": prose["name"],
        "version": prose["version"],
        "date": str(prose["date"]),
        **{key: prose[key] for key in OPTIONAL if key in prose},
        "description": prose["description"],
        "intended_use": prose["intended_use"],
        "factors": prose["factors"],
        "metrics": {
            "model_performance": performance,
            "decision_thresholds": policies,
            "decision_threshold_goals": prose["decision_thresholds"],
        },
        **({"economics": evaluation["economics"]} if "economics" in evaluation else {}),
        "training_data": {
            "dataset": prose["dataset"] | {"size": sizes["all"]},
            "preprocessing": prose["preprocessing"],
            "data_splits": {key: sizes[key] for key in ("train", "validation", "test")},
        },
        "evaluation_data": {
            "datasets": [
                _dataset("test: measured once, after everything was chosen", "test", evaluation),
                _dataset(
                    "holdout: the validation set, which helped to choose the thresholds",
                    "validation",
                    evaluation,
                ),
            ]
        },
        "partial_customers": card_sections.partial(evaluation["partial"]),
        "calibration": card_sections.calibration(evaluation["calibration_out_of_fold"]),
        "repeated_cross_validation": card_sections.repeated(
            evaluation["repeated_cross_validation"], prose.get(spread_text.KEY, "")
        ),
        "fairness": [card_sections.group(group) for group in evaluation["fairness"]],
        **card_sections.fairness(prose, evaluation["fairness_gaps"]),
        "ethical_considerations": {"risks": prose["risks"], "mitigations": prose["mitigations"]},
        "caveats_and_recommendations": prose["caveats_and_recommendations"],
        "model_details": evaluation["model"]
        | {
            "features": {
                "count": len(types),
                "types": {t: types.count(t) for t in sorted(set(types))},
            }
        },
        "references": prose["references"],
        "artifacts": [{"file": name, "sha256": digest} for name, digest in digests.items()],
    }


def _dataset(name: str, part: str, evaluation: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "size": evaluation["sizes"][part],
        "performance": evaluation["performance"][part],
    }
