"""Judges how far the groups of one factor may differ, and the exceptions that people declared."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from model.features import Contract
from model.training.evaluation import group_name

LIMITS, EXCEPTIONS = "fairness_limits", "fairness_exceptions"
"""Keys of the card's prose: the largest gap by metric, and a list of exceptions."""

MEASURES = ("recall", "false_positive_rate", "precision", "roc_auc")


def gaps(
    contract: Contract, groups: Sequence[Mapping[str, Any]], prose: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Return the largest difference between groups, for each factor and metric.

    Args:
        contract: the features.
        groups: from `evaluation.fairness`.
        prose: of the card, with factors, limits and exceptions.
    """
    measured = {g["group"]: {m["metric"]: m["value"] for m in g["metrics"]} for g in groups}
    limits = prose.get(LIMITS, {})
    declared = {(e["factor"], e["metric"]): e for e in prose.get(EXCEPTIONS, [])}
    found = []
    for factor in prose["factors"].get("evaluation_factors") or []:
        feature = contract.by_name[factor]
        names = [group_name(feature, value) for value in feature.values or (False, True)]
        names = [name for name in names if name in measured]
        for metric in MEASURES if len(names) > 1 else ():
            values = {name: measured[name][metric] for name in names}
            low, high = min(values, key=values.__getitem__), max(values, key=values.__getitem__)
            exception = declared.get((factor, metric))
            found.append(
                {
                    "factor": factor,
                    "label": feature.label,
                    "metric": metric,
                    "lowest": {"group": low, "value": values[low]},
                    "highest": {"group": high, "value": values[high]},
                    "gap": round(values[high] - values[low], 4),
                    "limit": limits.get(metric),
                    "exception": exception
                    and {
                        "owner": exception["owner"],
                        "reason": exception["reason"],
                        "expires": str(exception["expires"]),
                    },
                }
            )
    return found


def faults(
    found: Sequence[Mapping[str, Any]], prose: Mapping[str, Any], today: datetime.date
) -> list[str]:
    """Name each gap beyond its limit without an exception in force, and each idle exception.

    Args:
        found: from `gaps`.
        prose: of the card.
        today: an exception is in force up to the day on which it expires.
    """
    said = []
    for gap in found:
        exception, beyond = gap["exception"], gap["limit"] is not None and gap["gap"] > gap["limit"]
        name = f"{gap['metric']} of {gap['factor']}"
        low, high = gap["lowest"], gap["highest"]
        differs = (
            f"{high['group']} has {high['value']}, {low['group']} {low['value']}: a difference of "
            f"{gap['gap']}, above its limit {gap['limit']}"
        )
        if beyond and not exception:
            said.append(
                f"{name}: {differs}: bring it to {gap['limit']} or less, or declare it in "
                f"{EXCEPTIONS} with owner, reason and expiry date"
            )
        elif beyond and datetime.date.fromisoformat(exception["expires"]) < today:
            said.append(
                f"{name}: {differs}; its exception expired on {exception['expires']}: bring it to "
                f"{gap['limit']} or less, or decide again on the exception"
            )
        elif exception and not beyond:
            said.append(
                f"{name}: a difference of {gap['gap']} keeps its limit {gap['limit']}: "
                f"remove its exception from {EXCEPTIONS}"
            )
    measured = {(gap["factor"], gap["metric"]) for gap in found}
    for exception in prose.get(EXCEPTIONS, []):
        factor, metric = exception["factor"], exception["metric"]
        if (factor, metric) not in measured:
            said.append(
                f"{metric} of {factor}: fewer than two groups are measured: "
                f"remove its exception from {EXCEPTIONS}"
            )
    return said
