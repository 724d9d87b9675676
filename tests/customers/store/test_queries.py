"""The ranking by risk: paginated, stable while customers change, never with a stale score."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.customers.store.queries import CustomerStore
from app.customers.store.stored_customer import StoredCustomer
from app.customers.store.tables import customers as table
from app.customers.store.writes import UNSCORED, save_scores, stale, write
from app.releases.release_loader import Release
from tests.customers.conftest import Fill, everyone, some

IDS = st.sampled_from([f"c{i}" for i in range(12)])
SCORES = st.sampled_from([-1.5, 0.0, 0.1, 2.0])  # few, so that many are equal
CHANGES = st.lists(
    st.tuples(IDS, st.sampled_from(["score", "delete", "outdate"]), SCORES), max_size=4
)
DIGEST = "d" * 64


def put(store: CustomerStore, customer: str, score: float, scored_with: str = DIGEST) -> None:
    with store.database.bulk() as connection:
        write(connection, [StoredCustomer(customer, {"tenure": 1}, score)], scored_with)


def change(store: CustomerStore, customer: str, what: str, score: float) -> None:
    if what == "delete":
        with store.database.bulk() as connection, connection.begin():
            connection.execute(sa.delete(table).where(table.c.id == customer))
    else:
        put(store, customer, score, DIGEST if what == "score" else "older")


@given(
    base=st.dictionaries(IDS, SCORES, min_size=1),
    pages=st.lists(CHANGES, max_size=6),
    limit=st.integers(1, 4),
)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_who_does_not_change_is_seen_once(
    store: CustomerStore, base: dict[str, float], pages: list[list[Any]], limit: int
) -> None:
    """The order is by falling score, whatever others change between two pages."""
    with store.database.bulk() as connection:
        with connection.begin():
            connection.execute(sa.delete(table))
        stored = [StoredCustomer(c, {"tenure": 1}, score) for c, score in base.items()]
        write(connection, stored, DIGEST)
    changed = {customer for page in pages for customer, _, _ in page}
    seen: list[tuple[float, str]] = []
    after = None
    waiting = list(pages)
    while True:
        page, _ = store.at_risk(DIGEST, limit, after)
        if not page:
            break
        assert len(page) <= limit
        seen += [(-customer.log_odds, customer.id) for customer in page]
        after = page[-1].log_odds, page[-1].id
        for customer, what, score in waiting.pop(0) if waiting else []:
            change(store, customer, what, score)
    assert seen == sorted(set(seen))
    unchanged = {(-score, customer) for customer, score in base.items() if customer not in changed}
    assert {place for place in seen if place[1] not in changed} == unchanged


def test_a_score_of_another_release_is_never_ranked(store: CustomerStore) -> None:
    """The answer says that the ranking is incomplete."""
    put(store, "fresh", 0.5)
    assert store.at_risk(DIGEST, 10, None)[1] is True
    put(store, "older", 9.0, scored_with="a" * 64)
    put(store, "newer", 9.0, scored_with="f" * 64)
    put(store, "none", 9.0, scored_with=UNSCORED)
    page, complete = store.at_risk(DIGEST, 10, None)
    assert [customer.id for customer in page] == ["fresh"]
    assert complete is False


def test_an_empty_base_is_complete(store: CustomerStore) -> None:
    assert store.at_risk(DIGEST, 10, None) == ([], True)


def sent(store: CustomerStore, after: tuple[float, str]) -> Iterator[tuple[str, Any]]:
    """What is sent to the database for a page of ten: each statement with its parameters."""
    statements: list[tuple[str, Any]] = []
    engine = store.database.engine

    def note(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
        statements.append((statement, parameters))

    sa.event.listen(engine, "before_cursor_execute", note)
    store.at_risk(DIGEST, 10, after)
    sa.event.remove(engine, "before_cursor_execute", note)
    yield from statements


READ = re.compile(r"actual .* rows=(\d+) loops=1\)|Rows Removed by Filter: (\d+)")


def work(store: CustomerStore, after: tuple[float, str]) -> int:
    """The work of a page of ten: rows that PostgreSQL reads, or instructions of SQLite."""
    ((statement, parameters),) = sent(store, after)
    with store.database.bulk() as connection, connection.begin():
        connection.exec_driver_sql("ANALYZE customers")
        if not store.database.embedded:
            found = connection.exec_driver_sql(f"EXPLAIN ANALYZE {statement}", parameters)
            plan = "\n".join(row[0] for row in found)
            return sum(int(rows or removed) for rows, removed in READ.findall(plan))
        steps: list[None] = []
        embedded: Any = connection.connection.dbapi_connection
        embedded.set_progress_handler(lambda: steps.append(None), 1)
        connection.exec_driver_sql(statement, parameters).all()
        embedded.set_progress_handler(None, 1)
        return len(steps)


def test_a_page_far_down_among_equal_scores_costs_no_more_than_the_first(
    store: CustomerStore,
) -> None:
    """The customers with the same score before it are not read again."""
    with store.database.bulk() as connection:
        equal = [StoredCustomer(f"c-{i:06}", {"tenure": 1}, 0.5) for i in range(3000)]
        write(connection, equal, DIGEST)
    first, far = (work(store, (0.5, f"c-{last:06}")) for last in (10, 2900))
    assert far < 2 * first


def test_the_ranking_reads_no_more_than_its_page(store: CustomerStore, fill: Fill) -> None:
    """The ranking is one statement that uses the index; a full scan would exceed the time limit."""
    fill(some(2000))
    statements = list(sent(store, (0.0, "c-000500")))
    explain = "EXPLAIN QUERY PLAN" if store.database.embedded else "EXPLAIN"
    with store.database.bulk() as connection, connection.begin():
        connection.exec_driver_sql("ANALYZE customers")
        for statement, parameters in statements:
            found = connection.exec_driver_sql(f"{explain} {statement}", parameters)
            plan = "\n".join(" ".join(map(str, row)) for row in found)
            assert "customers_at_risk" in plan, plan
            assert "Seq Scan" not in plan, plan
    assert len(statements) == 1


def test_scores_are_not_kept_of_a_customer_that_changed_meanwhile(
    store: CustomerStore, fill: Fill, release: Release
) -> None:
    """The score would belong to the old features."""
    (kept, _), (rewritten, _) = base = some(2)
    fill(base, scored=False)
    with store.database.bulk() as reader, store.database.bulk() as writer:
        (batch,) = list(stale(reader, DIGEST))
        fill([(rewritten, some(3)[2][1])], scored=False)
        save_scores(writer, [(customer, 0.5) for customer in batch], DIGEST)
    page, complete = store.at_risk(DIGEST, 10, None)
    assert [customer.id for customer in page] == [kept]
    assert complete is False


def test_loaded_customers_are_ranked_by_the_probability_shown(
    store: CustomerStore, fill: Fill, release: Release
) -> None:
    base = dict(some(50))
    fill(base.items())
    expected = sorted(base, key=lambda c: (-release.scorecard.log_odds(base[c]), c))
    assert everyone(store, release, limit=7) == expected
