"""Rescores the stored customers, and puts those most at risk into the cache."""

from __future__ import annotations

from contextlib import suppress

from app.customers.files.customer_loader import Progress
from app.customers.store.in_place import score_in_place
from app.customers.store.queries import CustomerStore
from app.customers.store.score_distribution import renew
from app.customers.store.stored_customer import StoredCustomer
from app.customers.store.stored_features import fits
from app.customers.store.writes import save_scores, stale
from app.releases.release_loader import Release
from app.resilience.unavailable import DependencyUnavailable

PAGE = 500
"""Customers read at a time to warm the cache, within the time limit of a lookup."""

TRIES = 3
"""How often a page is asked for, if the database doesn't answer in time."""


def score(store: CustomerStore, release: Release, step: Progress) -> tuple[int, int]:
    """Score the customers that have no score by this release, and renew their distribution.

    Returns:
        How many were scored, and how many were not, because their features break the release's
        contract.

    Raises:
        SQLAlchemyError: the database is down.
    """
    scored = skipped = 0
    digest = release.digests["scorecard.json"]
    if not store.database.embedded:
        scored = _in_place(store, release, step)
    with store.database.bulk() as reader, store.database.bulk() as writer:
        for batch in stale(reader, digest):
            good = [c for c in batch if fits(release.contract, c.features)]
            scores = [(c, release.scorecard.log_odds(c.features)) for c in good]
            save_scores(writer, scores, digest)
            scored, skipped = scored + len(good), skipped + len(batch) - len(good)
            step(len(batch))
        renew(writer, digest)
    return scored, skipped


def _in_place(store: CustomerStore, release: Release, step: Progress) -> int:
    """Score what PostgreSQL can; nothing where a name of the contract can't stand in SQL."""
    digest = release.digests["scorecard.json"]
    try:
        return score_in_place(store.database, release.scorecard, release.contract, digest, step)
    except ValueError:
        return 0


def warm(store: CustomerStore, release: Release, most: int, step: Progress) -> tuple[int, int]:
    """Put the customers most at risk into the cache.

    Returns:
        How many were put there, and how many were not, because their features break the release's
        contract.

    Raises:
        DependencyUnavailable: database or cache is down.
    """
    done = skipped = 0
    after: tuple[float, str] | None = None
    digest = release.digests["scorecard.json"]
    while done < most:
        page = _page(store, digest, min(PAGE, most - done), after)
        if not page:
            break
        good = {c.id: c.features for c in page if fits(release.contract, c.features)}
        store.cache.put(good)
        after = page[-1].rank
        done, skipped = done + len(good), skipped + len(page) - len(good)
        step(len(good))
    return done, skipped


def _page(
    store: CustomerStore, digest: str, limit: int, after: tuple[float, str] | None
) -> list[StoredCustomer]:
    """Read a page of the ranking, again where the database is slow: then a cache is needed most.

    Raises:
        DependencyUnavailable: the database is down.
    """
    for _ in range(TRIES - 1):
        with suppress(DependencyUnavailable):
            return store.at_risk(digest, limit, after)[0]
    return store.at_risk(digest, limit, after)[0]
