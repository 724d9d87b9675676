"""Prepares a release's model card for its page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from app.handbook.card import card_tables
from app.handbook.card.card_tables import Table, in_units, interval, overall, short, words
from app.http.curl_command import curl_predict
from app.releases.release_loader import Release
from model.features import Contract, Feature

_ORDER = {
    "intended_use": "Intended use",
    "metrics": "Metrics",
    "economics": "Economics",
    "figures": "Figures",
    "terms": "What the model knows",
    "calibration": "Calibration",
    "repeated_cross_validation": "Repeated cross-validation",
    "fairness": "Fairness",
    "fairness_limits": "Fairness limits",
    "fairness_gaps": "Fairness gaps",
    "fairness_exceptions": "Fairness exceptions",
    "distributions": "Scores by group",
    "partial_customers": "Partial customers",
    "factors": "Factors",
    "evaluation_data": "Evaluation data",
    "training_data": "Training data",
    "ethical_considerations": "Ethical considerations",
    "caveats_and_recommendations": "Caveats and recommendations",
    "model_details": "How it is made",
    "experiments": "Experiments",
    "references": "References",
    "artifacts": "Files and digests",
}
_HEAD = {"name", "version", "date", "description", "owner", "demonstration", "decisions"}
_DRAWN = {
    "calibration": "calibration_out_of_fold",
    "repeated_cross_validation": "repeated_cross_validation",
    "fairness_limits": "fairness_gaps",
    "fairness_gaps": "fairness_gaps",
    "fairness_exceptions": "fairness_gaps",
}
"""Parts that the page shows in its figures or beside fairness, if the evaluation has these."""

BAR = 120
"""Width of the bar of a metric between 0 and 1, in SVG units."""


@dataclass(frozen=True)
class MetricBar:
    """A metric between 0 and 1 in SVG units: value, interval and threshold."""

    value: float
    low: float | None
    high: float | None
    threshold: float | None


@dataclass(frozen=True)
class Metric:
    """One line of the table of metrics, as text."""

    label: str
    value: str
    interval: str
    threshold: str
    bar: MetricBar | None


def sections(
    card: dict[str, Any], evaluation: dict[str, Any], *, experiments: bool
) -> list[tuple[str, str]]:
    """Return key and title of each part of the page; unknown parts of the card come last."""
    there = {key for key, value in card.items() if value} | {"terms"}
    there = there - {"experiments"} | ({"experiments"} if experiments else set())
    if evaluation.get("curve") or evaluation.get("calibration"):
        there.add("figures")
    there |= {key for key in ("distributions", "economics") if evaluation.get(key)}
    there -= {key for key, figures in _DRAWN.items() if evaluation.get(figures)}
    known = [(key, title) for key, title in _ORDER.items() if key in there]
    return known + [(key, words(key)) for key in card if key not in _ORDER and key not in _HEAD]


def mismatched(release: Release) -> list[str]:
    """Return the files whose digest in the card differs from that of the bytes in memory."""
    stated = {item["file"]: item["sha256"] for item in release.card.get("artifacts") or []}
    return [name for name, digest in stated.items() if release.digests.get(name) != digest]


def metrics(card: dict[str, Any]) -> list[Metric]:
    """Return the metrics that don't depend on a policy."""
    currency = (card.get("economics") or {}).get("currency", "")
    return [_metric(entry, currency) for entry in overall(card.get("metrics") or {})]


def policies(card: dict[str, Any]) -> Table | None:
    """Return the table of policies."""
    currency = (card.get("economics") or {}).get("currency", "")
    return card_tables.policies(card["metrics"], currency)


def headline(card: dict[str, Any]) -> Metric | None:
    """Return the first metric of the card."""
    return next(iter(metrics(card)), None)


def _metric(entry: dict[str, Any], currency: str) -> Metric:
    value, threshold = entry.get("value"), entry.get("threshold")
    low, high = entry.get("interval") or (None, None)
    return Metric(
        label=in_units(str(entry.get("metric", "")), currency),
        value=short(value),
        interval=interval(entry),
        threshold=_limit(value, threshold),
        bar=_bar(value, low, high, threshold),
    )


def _bar(value: Any, low: Any, high: Any, threshold: Any) -> MetricBar | None:
    numbers = [n for n in (value, low, high, threshold) if n is not None]
    if value is None or not all(isinstance(n, (int, float)) and 0 <= n <= 1 for n in numbers):
        return None
    at, *others = (None if n is None else round(n * BAR, 1) for n in (value, low, high, threshold))
    return MetricBar(at, *others)  # type: ignore[arg-type]


def _limit(value: Any, threshold: Any) -> str:
    """Write a threshold with its direction; no release has a metric on its wrong side."""
    if value is None or threshold is None:
        return short(threshold)
    return f"{'at least' if value >= threshold else 'at most'} {short(threshold)}"


def first_features(contract: Contract) -> list[Feature]:
    """Return the features of a first prediction: those that the contract requires, else three."""
    return [contract.by_name[name] for name in contract.required or contract.names[:3]]


def example(contract: Contract, host: str) -> Markup:
    """Write a shell command for `POST /predict` with the examples of the first features."""
    features = {feature.name: feature.example for feature in first_features(contract)}
    return curl_predict({"features": features}, host)
