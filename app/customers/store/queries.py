"""Reads stored customers: by id, and ranked by risk."""

from __future__ import annotations

from collections.abc import Mapping
from time import monotonic

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.customers.store import budget_cut, score_distribution
from app.customers.store.budget_cut import Cut
from app.customers.store.cache import Cache
from app.customers.store.database import Database
from app.customers.store.database_look import DatabaseLook, look
from app.customers.store.ranked_query import filtered, ranked, up_to
from app.customers.store.score_distribution import ScoreDistribution
from app.customers.store.stored_customer import Features, StoredCustomer
from app.customers.store.tables import customers
from app.customers.store.unmade import unmade
from app.resilience.bulkhead import Bulkhead
from app.resilience.unavailable import DependencyUnavailable
from model.campaign import Limits

READING = 5
"""Requests at a time that read stored customers. When those that wait for the database have all
their places, one is left for customers whom the cache has."""


class CustomerStore:
    """The stored customers.

    Args:
        database: has the customers.
        cache: in front of the database, for lookups by id.
    """

    def __init__(self, database: Database, cache: Cache) -> None:
        self.database = database
        self.cache = cache
        self.contract = cache.contract
        self._reading = Bulkhead("customers", READING)

    def features(self, customer: str) -> Features | None:
        """Return a customer's features, or None if there is no such customer.

        Raises:
            DependencyUnavailable: neither cache nor database answers in time.
            DependencyBusy: as many requests read stored customers as may.
        """
        seconds = self.database.limited.seconds
        until = monotonic() + seconds
        query = sa.select(customers.c.features).where(customers.c.id == customer)

        def load() -> Features | None:
            # A process that was held up itself must not blame the database.
            left = max(until - monotonic(), seconds / 2)
            return self.database.read(lambda c: c.execute(query).scalar_one_or_none(), left)

        with self._reading.place():
            return self.cache.get(customer, load)

    def at_risk(
        self,
        scored_with: str,
        limit: int,
        after: tuple[float, str] | None,
        chosen: Mapping[str, str | bool] | None = None,
        last: tuple[float, str] | None = None,
    ) -> tuple[list[StoredCustomer], bool]:
        """Customers by falling score, and whether each stored customer has a fresh one.

        Only scores that this scorecard made of the features as they are now are ranked. The cursor
        is the place of the last customer seen, so customers that don't change are neither skipped
        nor repeated, whatever others do meanwhile.

        Args:
            scored_with: digest of the scorecard.
            limit: how many.
            after: log-odds and id of the last customer seen.
            chosen: values by feature; only customers with all of them are returned, and only those
                among the most at risk, as `filtered` says.
            last: log-odds and id of the last customer of the list; None: it has no end.

        Raises:
            DependencyUnavailable: the database is down.
            DependencyBusy: as many requests read stored customers as may.
        """
        if chosen:
            embedded = self.database.embedded is not None
            query = filtered(scored_with, limit, after, chosen, embedded)
        else:
            query = ranked(scored_with, limit, after)
        page = (up_to(query, last) if last else query).subquery()
        # Reads both ends of the index; searching for another value would read all of it.
        ends = sa.select(
            sa.select(sa.func.min(customers.c.scored_with)).scalar_subquery().label("least"),
            sa.select(sa.func.max(customers.c.scored_with)).scalar_subquery().label("most"),
        ).subquery()
        # One statement sees one moment: page and `complete` belong together.
        both = (
            sa.select(page.c.id, page.c.features, page.c.log_odds, ends.c.least, ends.c.most)
            .select_from(ends.outerjoin(page, sa.true()))
            .order_by(page.c.log_odds.desc(), page.c.id)
        )

        def work(connection: Connection) -> tuple[list[StoredCustomer], bool]:
            rows = connection.execute(both).all()
            found = [StoredCustomer(*row[:3]) for row in rows if row.id is not None]
            return found, {*rows[0][3:]} <= {scored_with, None}

        with self._reading.place(), self.database.querying.place():
            return self.database.read(work)

    def distribution(self, scored_with: str) -> ScoreDistribution | None:
        """Return the distribution of a scorecard's scores, or None if there is none.

        Raises:
            DependencyUnavailable: the database is down.
            DependencyBusy: as many requests read stored customers as may.
        """

        def work(connection: Connection) -> ScoreDistribution | None:
            try:
                return score_distribution.read(connection, scored_with)
            except sa.exc.DBAPIError as error:
                # Tables of the version before, until `churn database upgrade` has run.
                if unmade(self.database.embedded, error):
                    return None
                raise

        with self._reading.place(), self.database.querying.place():
            return self.database.read(work)

    def budget_cut(self, scored_with: str, limits: Limits) -> Cut | None:
        """Find where a list to call ends, as the scores are now; None: that can't be told.

        Raises:
            DependencyUnavailable: the database is down.
            DependencyBusy: as many requests read stored customers as may.
        """

        def work(connection: Connection) -> Cut | None:
            try:
                return budget_cut.find_cut(connection, scored_with, limits)
            except sa.exc.DBAPIError as error:
                # Tables of the version before, until `churn database upgrade` has run.
                if unmade(self.database.embedded, error):
                    return None
                raise

        with self._reading.place(), self.database.querying.place():
            return self.database.read(work)

    def ping(self) -> None:
        """Check that the database answers, from the table that lookups read.

        Raises:
            DependencyUnavailable: it doesn't answer, or isn't made yet; names the command.
        """
        query = sa.select(customers.c.id).limit(1)
        try:
            self.database.read(lambda connection: connection.execute(query).scalar_one_or_none())
        except DependencyUnavailable as error:
            if missing := unmade(self.database.embedded, error.__cause__):
                raise DependencyUnavailable(missing) from error
            raise

    def look(self) -> DatabaseLook:
        """Look at the database, for checks."""
        return look(self.database)
