"""Everything that the card's page draws of a release's evaluation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from app.handbook.card import (
    calibration_out_of_fold,
    card_page,
    evaluation_plots,
    fairness_gaps,
    profit_curve,
    score_distributions,
    spread_plots,
    threshold_outcomes,
)
from app.handbook.card.chart_shapes import Chart
from app.handbook.card.threshold_outcomes import Outcome
from app.releases.release_loader import Release


def figures(release: Release) -> dict[str, Any]:
    """Return the values for the template; what older releases didn't measure is empty."""
    evaluation = release.evaluation
    policies = release.card["metrics"]["decision_thresholds"]
    found = threshold_outcomes.outcomes(evaluation.get("curve") or [])
    chosen = ((name, threshold_outcomes.at(found, at)) for name, at in policies.items())
    economics = evaluation.get("economics")
    currency = economics["currency"] if economics else ""
    repeats = evaluation.get("repeated_cross_validation")
    gaps = evaluation.get("fairness_gaps") or []
    return {
        "found": found,
        "tested": (evaluation.get("sizes") or {}).get("test"),
        "sentences": [(name, outcome) for name, outcome in chosen if outcome],
        "threshold_chart": evaluation_plots.threshold_chart(found, policies, currency),
        "currency": currency,
        "costs": release.economics and profit_curve.costs(release.economics),
        "value_chosen": economics and profit_curve.value_chosen(economics),
        "charts": list(_charts(release, found)),
        "repeated": repeats and spread_plots.repeats(repeats),
        "why_parts_differ": (release.card.get("repeated_cross_validation") or {}).get(
            "why_parts_differ", ""
        ),
        "gaps": fairness_gaps.gaps(gaps),
        "exceptions": list(fairness_gaps.exceptions(gaps)),
        "distributions": score_distributions.distributions(evaluation.get("distributions") or []),
        "marks": evaluation_plots.marks(policies),
        "x_ticks": evaluation_plots.X_TICKS,
        "y_ticks": evaluation_plots.Y_TICKS,
    }


def _charts(release: Release, found: Sequence[Outcome]) -> Iterator[Chart]:
    card, evaluation = release.card, release.evaluation
    policies = card["metrics"]["decision_thresholds"]
    if economics := evaluation.get("economics"):
        yield profit_curve.profit_chart(found, policies, economics)
    measured = (metric.value for metric in card_page.metrics(card) if metric.label == "ROC AUC")
    groups = evaluation.get("calibration") or []
    yield from evaluation_plots.charts(found, groups, policies, next(measured, ""))
    if out_of_fold := evaluation.get("calibration_out_of_fold"):
        yield calibration_out_of_fold.out_of_fold(out_of_fold)
