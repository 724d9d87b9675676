"""The ranking by risk as queries: the whole of it, and filtered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import sqlalchemy as sa

from app.customers.store.score_distribution import scores_of
from app.customers.store.stored_customer import MOST_RANKED, Features
from app.customers.store.tables import customers

Selected = TypeVar("Selected", bound=tuple[Any, ...])


def ranked(
    scored_with: str, limit: int, after: tuple[float, str] | None
) -> sa.Select[tuple[str, Features, float]]:
    """Select a page of the ranking, in the order of the index `customers_at_risk`."""
    c = customers.c
    return _page(sa.select(c.id, c.features, c.log_odds), scored_with, limit, after)


def ranks(
    scored_with: str, limit: int, after: tuple[float, str] | None
) -> sa.Select[tuple[str, float]]:
    """Select a page of the ranking without the features: from the index alone."""
    return _page(sa.select(customers.c.id, customers.c.log_odds), scored_with, limit, after)


def up_to(
    page: sa.Select[tuple[str, Features, float]], last: tuple[float, str]
) -> sa.Select[tuple[str, Features, float]]:
    """Select the part of a page that goes no further than a rank.

    The page is read first: a condition inside it would make the database look for more to fill it.
    """
    c = page.subquery().c
    score, customer = last
    before = (c.log_odds > score) | ((c.log_odds == score) & (c.id <= customer))
    return sa.select(c.id, c.features, c.log_odds).where(before)


def _page(
    columns: sa.Select[Selected], scored_with: str, limit: int, after: tuple[float, str] | None
) -> sa.Select[Selected]:
    c = customers.c
    order = c.log_odds.desc(), c.id
    all_ranked = columns.where(*scores_of(scored_with)).order_by(*order).limit(limit)
    if after is None:
        return all_ranked
    score, last = after
    # Two ranges of the index. One condition for both would read all customers of this score.
    parts = (
        all_ranked.where(c.log_odds == score, c.id > last),
        all_ranked.where(c.log_odds < score),
    )
    both = sa.union_all(*(sa.select(part.subquery()) for part in parts)).subquery()
    return sa.select(*both.c).order_by(both.c.log_odds.desc(), both.c.id).limit(limit)


def filtered(
    scored_with: str,
    limit: int,
    after: tuple[float, str] | None,
    chosen: Mapping[str, str | bool],
    embedded: bool,
) -> sa.Select[tuple[str, Features, float]]:
    """Select a page of those with the chosen values among the MOST_RANKED most at risk.

    Args:
        scored_with: digest of the scorecard.
        limit: how many.
        after: log-odds and id of the last customer of the page before.
        chosen: values by feature.
        embedded: whether the database is SQLite.
    """
    c = ranked(scored_with, MOST_RANKED, None).subquery("most_at_risk").c
    text = sa.type_coerce(c.features, sa.Text)
    query = sa.select(c.id, c.features, c.log_odds)
    for name, value in chosen.items():
        wanted = value
        stored: sa.ColumnElement[str] = sa.cast(
            text.op("->>")(sa.literal(name, sa.String)), sa.Text
        )
        if embedded:  # others may have stored what is no JSON; PostgreSQL lets nobody
            stored = sa.case((sa.func.json_valid(text) == 1, stored))
        if isinstance(value, bool):
            wanted = str(int(value)) if embedded else str(value).lower()
        query = query.where(stored == wanted)
    if after is not None:
        score, last = after
        query = query.where((c.log_odds < score) | ((c.log_odds == score) & (c.id > last)))
    return query.order_by(c.log_odds.desc(), c.id).limit(limit)
