"""What the page of one customer says. No Flask inside."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import Any

from app.customers.store.stored_customer import Features
from app.customers.store.stored_features import fits
from app.observability.timing import timed
from app.predictions.service import scorer
from app.predictions.web.waterfall import EVERY_REASON, Waterfall, waterfall
from app.releases.registry import ReleaseRegistry
from app.releases.release_loader import Release
from model.features import Contract

MOST_RELEASES = 5
"""Other releases, the newest, whose scores are shown."""


@dataclass(frozen=True)
class CustomerView:
    """A customer as its page shows it.

    Attributes:
        scored: the answer of `POST /predict` with every reason, by the default policy.
        made: the drawing of the reasons.
        decisions: each policy with its threshold, and whether the customer reaches it.
        others: the answers of other releases that are kept, the newest first.
        missing: labels of what isn't known.
        ask_next: label of what to ask next, or None.
    """

    scored: dict[str, Any]
    made: Waterfall
    decisions: list[tuple[str, float, bool]]
    others: list[dict[str, Any]]
    missing: list[str]
    ask_next: str | None


def view(features: Features, release: Release, known: ReleaseRegistry) -> CustomerView:
    """Score a customer by the release in service and by others that take its features.

    Args:
        features: of the customer, which keep the release's contract.
        release: in service.
        known: the releases that are kept.
    """
    with timed("model"):
        scored = scorer(release).score(features, most=EVERY_REASON)
        fitting = (
            other
            for other in known.all()
            if other.version != release.version and fits(other.contract, features)
        )
        others = [scorer(other).score(features, most=0) for other in islice(fitting, MOST_RELEASES)]
    churn, unknown = scored["churn_probability"], scored["unknown"]
    return CustomerView(
        scored,
        waterfall(scored, release.contract),
        [(name, at, churn >= at) for name, at in release.scorecard.policies.items()],
        others,
        [_label(release.contract, name) for name in unknown["features"]],
        _label(release.contract, unknown["ask_next"]) if unknown["ask_next"] else None,
    )


def _label(contract: Contract, name: str) -> str:
    return contract.by_name[name].label
