"""The customers worth calling for a budget, and what that is expected to cost and bring."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.customers.store.stored_customer import MOST_RANKED, StoredCustomer
from app.http.problems import Problem
from app.releases.release_loader import Release
from model.campaign import COVERAGE, Amount, Campaign, Limits, campaign

if TYPE_CHECKING:
    from app.customers.store.budget_cut import Cut
    from app.customers.store.queries import CustomerStore

_RETRY_SECONDS = 30
"""A load that makes the sums anew takes about a minute."""


@dataclass(frozen=True)
class BudgetList:
    """A list of customers to call.

    Attributes:
        limits: what was asked.
        cut: where the list ends.
        outcome: of calling them all.
    """

    limits: Limits
    cut: Cut
    outcome: Campaign

    def answer(self) -> dict[str, Any]:
        """Return what `GET /customers/at-risk` says of it."""
        totals, outcome = self.cut.totals, self.outcome
        return {
            "currency": self.limits.economics.currency,
            "budget": self.limits.budget,
            "customers": totals.customers,
            "leavers": totals.leavers,
            "kept": outcome.kept,
            "cost": _amount(outcome.cost),
            "gain": _amount(outcome.gain),
            "profit": _amount(outcome.profit),
            "coverage": COVERAGE,
            "limited_by": self.cut.limited_by,
        }


def on_list(
    store: CustomerStore,
    scored_with: str,
    limit: int,
    after: tuple[float, str] | None,
    calls: BudgetList | None,
) -> tuple[list[StoredCustomer], bool]:
    """Return a part of the ranking, as `at_risk` does, no further than a list to call goes.

    Raises:
        DependencyUnavailable: the database is down.
    """
    last = calls.cut.last if calls else None
    ranked, complete = store.at_risk(scored_with, limit, after, last=last)
    return ([] if calls and last is None else ranked), complete


def _amount(amount: Amount) -> dict[str, Any]:
    """Return an amount to the hundredth."""
    low, high = round(amount.low, 2), round(amount.high, 2)
    return {"expected": round(amount.expected, 2), "range": [low, high]}


def budget_list(store: CustomerStore, release: Release, policy: str, budget: float) -> BudgetList:
    """Find whom to call for a budget, by falling probability; `Limits` says why in that order.

    Raises:
        Problem: 409, the release has no economics; 503, the list can't be counted now.
        DependencyUnavailable: the database is down.
    """
    if release.economics is None:
        detail = (
            f"Release {release.version} has no economics, so what calls cost and bring is unknown"
        )
        raise Problem("economics-missing", detail)
    limits = Limits(release.economics, budget, release.scorecard.policies[policy])
    cut = store.budget_cut(release.digests["scorecard.json"], limits)
    if cut is None:
        detail = (
            "The scores have changed, and the list would go beyond the "
            f"{MOST_RANKED:,} customers most at risk"
        )
        raise Problem("budget-uncounted", detail, headers={"Retry-After": str(_RETRY_SECONDS)})
    return BudgetList(limits, cut, campaign(limits.economics, cut.totals))
