"""What two releases say differently, as `churn model diff --format json` gives it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from app.releases.release_loader import Release
from model.decision_flips import Flips
from model.economics import Economics
from model.features import Contract
from model.scorecard import Scorecard
from model.scorecard_changes import TermChange, term_changes


def release_diff(before: Release, after: Release) -> dict[str, Any]:
    """Compare cards and scorecards; what is the same in both isn't listed."""
    one, other = before.scorecard, after.scorecard
    whole = {f.name for f in after.contract.features if f.type == "integer"}
    unknown = None
    if one.factors != other.factors:
        unknown = dict(zip(("before", "after"), map(_unknown, (one, other)), strict=True))
    return {
        "before": before.version,
        "after": after.version,
        "contract": _contracts(before, after),
        "unknown_features": unknown,
        "intercept": _pair(one.intercept, other.intercept),
        "terms": [_term(change) for change in term_changes(one, other, whole)],
        "thresholds": _differing(one.policies, other.policies),
        "metrics": _differing(_metrics(before), _metrics(after)),
        "economics": _pair(_economics(before.economics), _economics(after.economics)),
    }


def is_same(diff: dict[str, Any]) -> bool:
    """Whether the releases differ in nothing but the version."""
    return not any(value for key, value in diff.items() if key not in ("before", "after"))


def flips_found(flips: Flips, left_out: int, first: str | None) -> dict[str, Any]:
    """Return the customers whose decision changes.

    Args:
        flips: of all customers that could be scored.
        left_out: how many others there are.
        first: why the first of them couldn't be.
    """
    return {
        "customers": flips.customers,
        "left_out": left_out,
        "first_left_out": first,
        "changed": flips.changed,
        "policies": {name: asdict(counts) for name, counts in flips.policies.items()},
        "first": [asdict(flip) for flip in flips.first],
    }


def _pair(before: Any, after: Any) -> dict[str, Any] | None:
    return None if before == after else {"before": before, "after": after}


def _differing(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """Return both values of each name whose values differ; None where there is none."""
    pairs = {name: _pair(before.get(name), after.get(name)) for name in {**before, **after}}
    return {name: pair for name, pair in pairs.items() if pair}


def _unknown(scorecard: Scorecard) -> str:
    return "inferred" if scorecard.factors else "points"


def _contracts(before: Release, after: Release) -> dict[str, list[str]] | None:
    """Return features that only one contract has or that mean another, or None."""
    one, other = before.contract, after.contract
    if one.digest == other.digest:
        return None
    both = [name for name in other.names if name in one.by_name]
    return {
        "removed": [name for name in one.names if name not in other.by_name],
        "added": [name for name in other.names if name not in one.by_name],
        "changed": [n for n in both if _digest(one, n) != _digest(other, n)],
    }


def _digest(contract: Contract, name: str) -> str:
    return Contract((contract.by_name[name],)).digest


def _term(change: TermChange) -> dict[str, Any]:
    return {
        "term": change.name,
        "change": change.kind,
        "where": [asdict(place) for place in change.place],
        "before": change.before,
        "after": change.after,
    }


def _metrics(release: Release) -> dict[str, Any]:
    return {
        metric["metric"]: {"value": metric["value"], "interval": metric.get("interval")}
        for metric in release.card["metrics"]["model_performance"]
    }


def _economics(economics: Economics | None) -> dict[str, Any] | None:
    if economics is None:
        return None
    return {
        "currency": economics.currency,
        "contact_cost": economics.contact_cost,
        "offer_cost": economics.offer_cost,
        "customer_value": economics.customer_value,
        "chance_kept": economics.mean_chance,
        "break_even": round(economics.break_even, 4),
    }
