"""Makes sections of the model card from the evaluation: each is a table, or a few under names."""

from __future__ import annotations

from typing import Any

from model import spread_text

_PARTIAL = ("mean_probability", "calibration_error", "coverage", "roc_auc", "log_loss", "recall")
"""Measures of customers when not everything about them is known."""


def calibration(found: dict[str, Any]) -> dict[str, Any]:
    """Return how well probabilities match outcomes, and what recalibration would change."""
    measures = {"Brier score": "brier_score", "Expected calibration error": "calibration_error"}
    return {
        "out_of_fold": [
            {
                "measure": name,
                "customers": found["customers"],
                "value": found[key]["value"],
                "value_interval": _interval(found[key]["interval"]),
            }
            for name, key in measures.items()
        ],
        "groups": found["groups"],
        "recalibration": [
            {
                key: value if isinstance(value, bool) else f"{value:.5f}"
                for key, value in found["recalibration"].items()
            }
        ],
    }


def repeated(found: dict[str, Any], text: str) -> dict[str, Any]:
    """Return how ROC AUC varies, with the explanation that people wrote."""
    spread = {key: found[key] for key in ("repeats", "folds", "mean", "standard_deviation")}
    parts, random = ("test", "validation"), found["samples_of"]
    return {
        **({"why_parts_differ": spread_text.filled(text, found)} if text else {}),
        "spread": [spread],
        "mean_of_each_repeat": ", ".join(f"{value:.4f}" for value in found["of_repeats"]),
        "unseen_parts": [
            {
                "part": part,
                "roc_auc": found[part],
                "random_parts_from": random["low"],
                "to": random["high"],
                "share_of_them_below": random[f"below_{part}"],
            }
            for part in parts
        ],
    }


def partial(measured: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a row for each set of known features: all customers, out of fold."""
    random = measured["random_known"]
    low, high = random["calibration_error_low"], random["calibration_error_high"]
    worst = {name: random[f"{name}_worst"] for name in _PARTIAL}
    rows = {
        "all features": measured["all_known"],
        "the required features": measured.get("required_known"),
        "200 random sets, mean": random
        | {"calibration_error_interval": f"{low:.3f} to {high:.3f}"},
        "200 random sets, the worst": worst,
    }
    names = [*_PARTIAL, "calibration_error_interval"]
    return [
        {"known": known} | {name: figures[name] for name in names if name in figures}
        for known, figures in rows.items()
        if figures
    ]


def fairness(prose: dict[str, Any], gaps: list[dict[str, Any]]) -> dict[str, Any]:
    """Return limits, gaps and exceptions, each as far as there is one."""
    rows = [
        {
            "feature": gap["label"],
            "metric": gap["metric"],
            "lowest": gap["lowest"]["value"],
            "lowest_group": gap["lowest"]["group"],
            "highest": gap["highest"]["value"],
            "highest_group": gap["highest"]["group"],
            "gap": gap["gap"],
            "limit": gap["limit"],
            "exception": "" if gap["exception"] is None else f"until {gap['exception']['expires']}",
        }
        for gap in gaps
    ]
    exceptions = [e | {"expires": str(e["expires"])} for e in prose.get("fairness_exceptions", [])]
    found = {
        "fairness_limits": prose.get("fairness_limits"),
        "fairness_gaps": rows,
        "fairness_exceptions": exceptions,
    }
    return {key: value for key, value in found.items() if value}


def group(found: dict[str, Any]) -> dict[str, Any]:
    """Return a group's metrics as one row of a table."""
    row = {key: value for key, value in found.items() if key != "metrics"}
    for metric in found["metrics"]:
        row[metric["metric"]] = metric["value"]
        row[f"{metric['metric']}_interval"] = _interval(metric["interval"])
    return row


def _interval(ends: list[float]) -> str:
    low, high = ends
    return f"{low:.3f} to {high:.3f}"
