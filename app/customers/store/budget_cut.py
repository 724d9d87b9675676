"""Finds the last customer worth calling within a budget.

The sums that `score_distribution` keeps tell the step of the ranking in which the list ends; only
that step is read, a thousandth of the base. Where scores have changed since, the most at risk are
read from the first on, as far as is quick.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.customers.store.ranked_query import ranks
from app.customers.store.score_distribution import place_of
from app.customers.store.stored_customer import MOST_RANKED
from app.customers.store.tables import score_changes, score_distribution
from model.campaign import Limits, Totals
from model.scorecard import probability

Rank = tuple[float, str]
"""Log-odds and id."""


@dataclass(frozen=True)
class Cut:
    """Where a list of customers to call ends.

    Attributes:
        totals: of the customers on the list.
        last: the rank of the last one, or None if there is none.
        limited_by: what keeps the next customer off the list: `budget`, `threshold`, or
            `customers`, if there is no next one.
    """

    totals: Totals
    last: Rank | None
    limited_by: str


def find_cut(connection: Connection, scored_with: str, limits: Limits) -> Cut | None:
    """Find the end of a list; None if too many customers would have to be read."""
    table = score_distribution.c
    query = sa.select(table.customers, table.quantiles).where(table.scored_with == scored_with)
    stored = connection.execute(query).one_or_none()
    if stored and "changes" in stored.quantiles:  # the version before stored none
        falling = stored.quantiles["falling"]

        def mark(step: int) -> tuple[Totals, Rank]:
            log_odds, customer, leavers, squares = falling[step]
            number = place_of(step, stored.customers) + 1
            return Totals(number, leavers, squares), (log_odds, customer)

        def is_beyond(step: int) -> bool:
            totals, (log_odds, _) = mark(step)
            return bool(limits.end(totals, probability(log_odds)))

        at = bisect_left(range(len(falling)), True, key=is_beyond)
        totals, last = mark(at - 1) if at else (Totals(), None)
        # The list ends at this mark, or before it. Behind the last one there is nobody.
        number = mark(at)[0].customers - totals.customers if at < len(falling) else 1
        rows, changes = _following(connection, scored_with, last, number)
        if changes == stored.quantiles["changes"]:
            return _cut(totals, last, rows, limits)
    rows, _ = _following(connection, scored_with, None, MOST_RANKED + 1)
    found = _cut(Totals(), None, rows, limits)
    return found if found.totals.customers <= MOST_RANKED else None


def _following(
    connection: Connection, scored_with: str, last: Rank | None, number: int
) -> tuple[list[Rank], int]:
    """Return the next ranks, and how often scores had been changed at that moment."""
    page = ranks(scored_with, number, last).subquery()
    query = (
        sa.select(page.c.log_odds, page.c.id, score_changes.c.number)
        .select_from(score_changes.outerjoin(page, sa.true()))
        .order_by(page.c.log_odds.desc(), page.c.id)
    )
    rows = connection.execute(query).all()
    return [(row.log_odds, row.id) for row in rows if row.id is not None], rows[0].number


def _cut(totals: Totals, last: Rank | None, rows: Sequence[Rank], limits: Limits) -> Cut:
    """Go on with a list until it ends."""
    for rank in rows:
        churn = probability(rank[0])
        more = totals.plus(churn)
        if end := limits.end(more, churn):
            return Cut(totals, last, end)
        totals, last = more, rank
    return Cut(totals, last, "customers")
