"""Writes customers from a file, and scores the stored base; both in bounded memory."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from app.customers.reading import Row, read
from app.customers.store import BATCH, Record, Store, count, save_scores, stale, write
from app.predictions.bodies import CONTRACT
from app.releases.registry import Release

Progress = Callable[[int], object]


def load(
    store: Store,
    file: BinaryIO,
    rejects: Path,
    release: Release | None,
    step: Progress,
) -> tuple[int, int]:
    """Insert or replace the customers of a file, scored with the release in service.

    Each batch is a transaction; a load that was interrupted and is run again writes the same rows
    again, and none is lost or doubled.

    Args:
        store: where to.
        file: as `reading.read`; it has a name.
        rejects: where bad rows go, with line and reason; made only where there is one.
        release: None leaves the scores to `score`.
        step: told how many rows were read, batch by batch.

    Returns:
        How many were loaded and rejected; together, how many were read.

    Raises:
        FileError: the file cannot be read.
        OSError: the same, or the rejects cannot be written.
        SQLAlchemyError: the database is away.
    """
    loaded = rejected = 0
    rows = read(file, Path(file.name).name)
    with store.database.bulk().connect() as connection, _rejects(rejects) as reject:
        while batch := list(islice(rows, BATCH)):
            good = [row for row in batch if row.features is not None]
            for row in batch:
                if row.features is None:
                    reject(row)
            write(connection, [_record(row.id, row.features or {}, release) for row in good])
            connection.commit()
            store.cache.forget([row.id for row in good])
            loaded, rejected = loaded + len(good), rejected + len(batch) - len(good)
            step(len(batch))
    return loaded, rejected


def score(store: Store, release: Release, step: Progress) -> tuple[int, int]:
    """Score the customers whose score is not of this release, again and again the same.

    Returns:
        How many were scored, and how many could not be, because what is stored of them breaks the
        contract as it is now.

    Raises:
        SQLAlchemyError: the database is away.
    """
    scored = skipped = 0
    digest = release.digests["scorecard.json"]
    engine = store.database.bulk()
    with engine.connect() as reader, engine.connect() as writer:
        for batch in stale(reader, digest):
            good = [customer for customer in batch if CONTRACT.accepts(customer.features)]
            scores = [(c, release.scorecard.log_odds(c.features)) for c in good]
            save_scores(writer, scores, digest)
            writer.commit()
            scored, skipped = scored + len(good), skipped + len(batch) - len(good)
            step(len(batch))
    return scored, skipped


def warm(store: Store, release: Release, most: int, step: Progress) -> int:
    """Put the customers most at risk into the cache; return how many.

    Raises:
        Unavailable: database or cache is away.
    """
    store.cache.ping()
    done, after = 0, None
    digest = release.digests["scorecard.json"]
    while done < most:
        page, _ = store.at_risk(digest, min(500, most - done), after)
        if not page:
            break
        store.cache.put({customer.id: customer.features for customer in page})
        after = page[-1].log_odds, page[-1].id
        done += len(page)
        step(len(page))
    return done


def stored(store: Store) -> int:
    """How many customers there are."""
    with store.database.bulk().connect() as connection:
        return count(connection)


def _record(customer: str, features: dict[str, Any], release: Release | None) -> Record:
    if release is None:
        return Record(customer, features, None, None)
    log_odds = release.scorecard.log_odds(features)
    return Record(customer, features, log_odds, release.digests["scorecard.json"])


@contextmanager
def _rejects(path: Path) -> Iterator[Callable[[Row], None]]:
    path.unlink(missing_ok=True)
    file = None

    def reject(row: Row) -> None:
        nonlocal file
        if file is None:
            file = path.open("w", newline="", encoding="utf-8")
            csv.writer(file).writerow(["line", "id", "reason"])
        csv.writer(file).writerow([row.line, row.id, row.reason])

    try:
        yield reject
    finally:
        if file is not None:
            file.close()
