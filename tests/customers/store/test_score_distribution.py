"""The stored quantiles of the scores."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.customers import rescoring, sample_customers
from app.customers.store.queries import CustomerStore
from app.customers.store.score_distribution import STEPS, ScoreDistribution, renew
from app.customers.store.stored_customer import StoredCustomer
from app.customers.store.writes import write
from app.customers.web.place_words import number_at_least, place
from app.releases.registry import ReleaseRegistry
from app.releases.release_loader import Release
from tests.customers.conftest import Fill, some
from tests.stores import opened

DIGEST = "0" * 64
NOW = datetime(2026, 11, 29, tzinfo=UTC)


def stored(store: CustomerStore, scores: list[float]) -> ScoreDistribution:
    records = [StoredCustomer(f"c-{i}", {}, score) for i, score in enumerate(scores)]
    with store.database.bulk() as connection:
        write(connection, records, DIGEST)
        renew(connection, DIGEST)
    found = store.distribution(DIGEST)
    assert found is not None
    return found


@pytest.mark.parametrize("count", [0, 1, 2, 400, STEPS + 1, STEPS + 2, 4000])
def test_places_and_counts_are_those_of_the_scores(store: CustomerStore, count: int) -> None:
    """Exact where every score is kept; else within a step and a customer."""
    draw = random.Random(count)
    scores = [draw.gauss(0, 2) for _ in range(count)]
    found = stored(store, scores)
    assert found.customers == count
    assert found.exact == (count <= STEPS + 1)
    within = 0 if found.exact else count / STEPS + 1
    for at in (-99.0, -1.0, 0.0, 2.5, 99.0, *scores[:20]):
        lower = sum(score < at for score in scores)
        assert abs(found.share_below(at) * count - lower) <= within + 1e-9
        assert abs(found.at_least(at) - (count - lower)) <= within + 0.5


def test_equal_scores_have_no_lower_ones(store: CustomerStore) -> None:
    found = stored(store, [1.0] * (2 * STEPS))
    assert (found.share_below(1.0), found.share_below(1.1)) == (0, 1)


def test_loading_and_scoring_renew_it(store: CustomerStore, fill: Fill, release: Release) -> None:
    digest = release.digests["scorecard.json"]
    assert store.distribution(digest) is None
    fill(some(30))
    first = store.distribution(digest)
    fill(some(40), scored=False)
    rescoring.score(store, release, lambda _: None)
    second = store.distribution(digest)
    assert first is not None
    assert second is not None
    assert (first.customers, second.customers) == (30, 40)
    assert first.made_at < second.made_at


def test_only_the_last_scorecards_is_kept(store: CustomerStore) -> None:
    stored(store, [0.5])
    with store.database.bulk() as connection:
        renew(connection, "1" * 64)
    assert store.distribution(DIGEST) is None


def test_a_new_installation_has_it(
    tmp_path: Path, release: Release, known: ReleaseRegistry
) -> None:
    file = tmp_path / "churn.sqlite3"
    loaded = sample_customers.prepare(file, known)
    with opened(f"sqlite:///{file}") as store:
        found = store.distribution(release.digests["scorecard.json"])
    assert found is not None
    assert found.customers == loaded


def test_words() -> None:
    """Of a base too small, nothing; of a large one, rounded counts."""
    quantiles = [i / 100 - 5 for i in range(1001)]
    large = ScoreDistribution(1_000_000, NOW, quantiles)
    assert place(large, 0.51) == "higher than five of ten customers"
    assert place(large, 0.9999) == "higher than 999 of 1,000 customers"
    assert number_at_least(large, 0.5) == "about 500,000"
    assert number_at_least(large, 0.0) == "about 1,000,000"
    assert number_at_least(large, 1.0) == "0"
    assert place(large, 0.001) == "lower than 999 of 1,000 customers"
    assert place(ScoreDistribution(2000, NOW, [0.0] * 1001), 0.5) == "like nearly all customers"
    small = ScoreDistribution(19, NOW, [0.0] * 19)
    assert place(small, 0.9) == ""
    assert number_at_least(small, 0.4) == "19"
