"""The model card of a release as its page shows it."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from typing import Any

_ORDER = {
    "intended_use": "Intended use",
    "metrics": "Metrics",
    "terms": "What the model knows",
    "figures": "Figures",
    "fairness": "Fairness",
    "factors": "Factors",
    "training_data": "Training data",
    "evaluation_data": "Evaluation data",
    "ethical_considerations": "Ethical considerations",
    "caveats_and_recommendations": "Caveats and recommendations",
    "model_details": "How it is made",
    "references": "References",
    "artifacts": "Files and digests",
}
_HEAD = {"name", "version", "date", "description"}
_ACRONYMS = {"roc": "ROC", "auc": "AUC", "pr": "PR", "f1": "F1", "slo": "SLO", "id": "id"}
BAR = 120
"""Width of the bar of a metric between 0 and 1, in SVG units."""


@dataclass(frozen=True)
class Bar:
    """A metric between 0 and 1 in SVG units: its value, interval and threshold."""

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
    bar: Bar | None


def sections(card: dict[str, Any], figures: list[str]) -> list[tuple[str, str]]:
    """Key and title of each part that the card has, those that ours doesn't name last."""
    there = {key for key, value in card.items() if value} | {"terms"}
    if figures:
        there.add("figures")
    known = [(key, title) for key, title in _ORDER.items() if key in there]
    return known + [(key, words(key)) for key in card if key not in _ORDER and key not in _HEAD]


def figures(release: Any) -> list[str]:
    """The names of the figures that the release's card lists."""
    prefix = "figures/"
    return [name.removeprefix(prefix) for name in release.digests if name.startswith(prefix)]


def metrics(card: dict[str, Any]) -> list[Metric]:
    """The lines of `metrics.model_performance`."""
    return [_metric(entry) for entry in (card.get("metrics") or {}).get("model_performance") or []]


def headline(card: dict[str, Any]) -> Metric | None:
    """The first metric: the one that the card leads with."""
    return next(iter(metrics(card)), None)


def _metric(entry: dict[str, Any]) -> Metric:
    value, threshold = entry.get("value"), entry.get("threshold")
    low, high = entry.get("interval") or (None, None)
    return Metric(
        label=words(str(entry.get("metric", ""))),
        value=_short(value),
        interval=f"{_short(low)} to {_short(high)}" if low is not None else "",
        threshold=_short(threshold),
        bar=_bar(value, low, high, threshold),
    )


def _bar(value: Any, low: Any, high: Any, threshold: Any) -> Bar | None:
    numbers = [n for n in (value, low, high, threshold) if n is not None]
    if value is None or not all(isinstance(n, (int, float)) and 0 <= n <= 1 for n in numbers):
        return None
    return Bar(*(None if n is None else round(n * BAR, 1) for n in (value, low, high, threshold)))  # type: ignore[arg-type]


def _short(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def words(key: str) -> str:
    """A key as words: `roc_auc` is "ROC AUC"."""
    parts = [_ACRONYMS.get(part, part) for part in key.replace("-", "_").split("_")]
    text = " ".join(parts)
    return text[:1].upper() + text[1:]


def example(contract: Any, host: str) -> str:
    """A call of `POST /predict` with the contract's own required examples, for a shell."""
    features = {name: contract.by_name[name].example for name in contract.required}
    body = shlex.quote(json.dumps({"features": features}, ensure_ascii=False))
    address = shlex.quote(f"{host}/predict")
    return f"curl -s {address} \\\n  -H 'Content-Type: application/json' \\\n  -d {body}"
