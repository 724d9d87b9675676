"""The distribution of the stored scores: quantiles, from which places and counts follow.

To count a million customers takes longer than a page may. So whoever writes scores stores their
quantiles at the end, and pages read one row. Beside each quantile are its customer's id and the
sums over all customers from there up, with which `budget_cut` begins.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from datetime import UTC, datetime
from sys import float_info

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.customers.store.stored_customer import ID_LENGTH
from app.customers.store.tables import customers, score_changes, score_distribution
from model.scorecard import probability

STEPS = 1000
"""Steps between the lowest and the highest score: a quantile at each 0.1 %."""

_ROWS = 10_000
"""Scores read from the database at a time."""


@dataclass(frozen=True)
class ScoreDistribution:
    """The scores that one scorecard made of the stored customers.

    Attributes:
        customers: how many have a score.
        made_at: when these quantiles were made, in UTC.
        quantiles: rising log-odds at equal steps; of a small base every score.
    """

    customers: int
    made_at: datetime
    quantiles: list[float]

    @property
    def exact(self) -> bool:
        """Whether every score is known, so that counts are exact."""
        return len(self.quantiles) == self.customers

    def share_below(self, log_odds: float) -> float:
        """Return the share of customers with a lower score."""
        scores = self.quantiles
        place = bisect_left(scores, log_odds)
        if self.exact:
            return place / max(self.customers, 1)
        if place in (0, len(scores)):
            return float(place > 0)
        low, high = scores[place - 1 : place + 1]
        return (place - 1 + (log_odds - low) / (high - low)) / (len(scores) - 1)

    def at_least(self, log_odds: float) -> int:
        """Return how many customers have this score or a higher one."""
        return round(self.customers * (1 - self.share_below(log_odds)))


def scores_of(scored_with: str) -> tuple[sa.ColumnElement[bool], ...]:
    """Return the conditions of customers with a sound score and id; others may have stored any."""
    c = customers.c
    return (
        c.scored_with == scored_with,
        c.log_odds.between(-float_info.max, float_info.max),
        sa.func.length(c.id) <= ID_LENGTH,
    )


def place_of(step: int, number: int) -> int:
    """Return which of so many customers, by falling score from 0, a step's quantile belongs to."""
    return step * (number - 1) // max(min(STEPS, number - 1), 1)


def renew(connection: Connection, scored_with: str) -> None:
    """Store the quantiles of a scorecard's scores, in place of all that were stored before.

    One pass over the ordered scores, in bounded memory.

    Args:
        connection: from `Database.bulk`.
        scored_with: digest of the scorecard.
    """
    ours = scores_of(scored_with)
    c = customers.c
    ordered = sa.select(c.log_odds, c.id).where(*ours).order_by(c.log_odds.desc(), c.id)
    with connection.begin():
        # First: what others change from here on is counted beyond it.
        changes = connection.execute(sa.select(score_changes.c.number)).scalar_one()
        number: int = connection.execute(sa.select(sa.func.count()).where(*ours)).scalar_one()
        wanted = iter([place_of(step, number) for step in range(min(STEPS, number - 1) + 1)])
        place, marks, leavers, squares = next(wanted, None), [], 0.0, 0.0
        rows = connection.execute(ordered, execution_options={"yield_per": _ROWS})
        for at, (log_odds, customer) in enumerate(rows):
            churn = probability(log_odds)  # summed as Totals.plus does, in a tenth of the time
            leavers, squares = leavers + churn, squares + churn * churn
            if at == place:
                marks.append((log_odds, customer, leavers, squares))
                place = next(wanted, None)
    values = {
        "scored_with": scored_with,
        "made_at": datetime.now(UTC),
        "customers": number,
        "quantiles": {
            "log_odds": [mark[0] for mark in reversed(marks)],
            "falling": marks,
            "changes": changes,
        },
    }
    with connection.begin():
        others = score_distribution.c.scored_with != scored_with
        connection.execute(sa.delete(score_distribution).where(others))
        connection.execute(_UPSERT, values)


def read(connection: Connection, scored_with: str) -> ScoreDistribution | None:
    """Return the distribution of a scorecard's scores, or None if there is none."""
    table = score_distribution
    row = connection.execute(
        sa.select(table).where(table.c.scored_with == scored_with)
    ).one_or_none()
    if row is None:
        return None
    made_at = row.made_at if row.made_at.tzinfo else row.made_at.replace(tzinfo=UTC)  # SQLite
    return ScoreDistribution(row.customers, made_at.astimezone(UTC), row.quantiles["log_odds"])


_UPSERT = sa.text("""
    INSERT INTO score_distribution (scored_with, made_at, customers, quantiles)
    VALUES (:scored_with, :made_at, :customers, :quantiles)
    ON CONFLICT (scored_with) DO UPDATE SET made_at = excluded.made_at,
        customers = excluded.customers, quantiles = excluded.quantiles
""").bindparams(
    sa.bindparam("made_at", type_=sa.DateTime(timezone=True)),
    sa.bindparam("quantiles", type_=sa.JSON),
)
