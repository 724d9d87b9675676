"""Loads the customers of a file, each with its score."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice

from app.customers.files.customer_reader import CustomerFile
from app.customers.files.rejected_rows import Rejects
from app.customers.store.queries import CustomerStore
from app.customers.store.score_distribution import renew
from app.customers.store.stored_customer import StoredCustomer
from app.customers.store.writes import BATCH, UNSCORED, write
from app.releases.release_loader import Release

Progress = Callable[[int], object]


@dataclass
class Loaded:
    """The result of a load; rows loaded and rejected add up to the rows read."""

    loaded: int = 0
    rejected: int = 0
    cache_away: bool = False
    """Whether the cache missed changes and may show old features for a while."""


def load(
    store: CustomerStore,
    customers: CustomerFile,
    rejects: Rejects,
    release: Release | None,
    step: Progress,
) -> Loaded:
    """Insert or replace the customers of a file, scored with the release in service.

    Each batch is a transaction. An interrupted load can be run again: no row is lost or doubled.
    The distribution of the scores is made anew at the end.

    Args:
        store: takes the customers.
        customers: read with the store's contract.
        rejects: takes the bad rows.
        release: None leaves the scores to `rescoring.score`.
        step: called with the number of rows of each batch.

    Raises:
        FileError: the file cannot be read.
        OSError: the file cannot be read, or the rejects cannot be written.
        SQLAlchemyError: the database is down.
    """
    done = Loaded()
    scored_with = release.digests["scorecard.json"] if release else UNSCORED
    with store.database.bulk() as connection:
        while batch := list(islice(customers.rows, BATCH)):
            records = []
            for row in batch:
                if row.features is None:
                    rejects.write(row)
                else:
                    score = release.scorecard.log_odds(row.features) if release else None
                    records.append(StoredCustomer(row.id, row.features, score))
            write(connection, records, scored_with)
            done.cache_away |= not store.cache.forget([record.id for record in records])
            done.loaded += len(records)
            done.rejected += len(batch) - len(records)
            step(len(batch))
        if release:
            renew(connection, scored_with)
    return done
