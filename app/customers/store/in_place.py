"""Scores stored customers inside PostgreSQL, in steps that hold up nobody.

A step is one transaction over some blocks of the table. Customers that others are writing are
skipped, so that a step waits for no row while it keeps rows locked. The rows that it scores stay
locked from the moment they are read: a score always belongs to its features.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from itertools import pairwise
from queue import SimpleQueue

from sqlalchemy.engine import Connection
from sqlalchemy.exc import OperationalError

from app.customers.store.database import Database
from app.customers.store.writes import CHANGED
from model.features import Contract
from model.scorecard import Scorecard
from model.sql.dialect import text
from model.sql.stored_query import stored_query

BLOCKS = 1000
"""Blocks of the table in a step: of customers with 19 features about 15,000."""

CONNECTIONS = 2
"""Steps at a time; each keeps a core of the database's machine busy."""

MANY = 100_000
"""Scores replaced, from which on their index entries are removed before the last steps."""

# Scores lost by a crash are computed again. Compiling the query would take longer than it saves.
# A step's documents fit into the memory for work.
_SETTINGS = "SET synchronous_commit = off; SET jit = off; SET work_mem = '32MB'"

_LOCKED = """
    SELECT ctid AS place, CAST(features AS text) AS features FROM customers
    WHERE {blocks} AND scored_with <> {digest} FOR NO KEY UPDATE SKIP LOCKED
"""

_STEP = """
    UPDATE customers SET log_odds = scores.log_odds, scored_with = {digest}
    FROM ({scores}) AS scores WHERE customers.ctid = scores.id AND {blocks}
"""


def score_in_place(
    database: Database,
    scorecard: Scorecard,
    contract: Contract,
    digest: str,
    step: Callable[[int], object],
) -> int:
    """Score the customers without a score by this scorecard whose documents are plainly sound.

    Args:
        database: PostgreSQL.
        scorecard: of the release.
        contract: its contract.
        digest: of the scorecard.
        step: called with the number of customers scored in each step.

    Returns:
        How many were scored. Others may be left: those in doubt, and those that were being written.

    Raises:
        ValueError: a name or a value of the contract cannot be written in SQL.
        SQLAlchemyError: the database is down.
    """
    scored = 0
    with ExitStack() as opened:
        connections: SimpleQueue[Connection] = SimpleQueue()
        for _ in range(CONNECTIONS):
            connection = opened.enter_context(database.bulk())
            connection.exec_driver_sql(_SETTINGS)
            connection.commit()
            connections.put(connection)
        steps = [_step(scorecard, contract, digest, *ends) for ends in _blocks(connection)]

        def run(statement: str) -> int:
            free = connections.get()
            try:
                return _run(free, statement)
            finally:
                connections.put(free)

        pool = ThreadPoolExecutor(CONNECTIONS)
        opened.callback(pool.shutdown, cancel_futures=True)
        for done in pool.map(run, steps[:-CONNECTIONS]):
            scored += done
            step(done)
        if scored > MANY:
            _tidy(database)
        for done in pool.map(run, steps[-CONNECTIONS:]):
            scored += done
            step(done)
    return scored


def _tidy(database: Database) -> None:
    """Remove the index entries of scores that were replaced.

    Whoever asks whether every customer has a new score looks for the first old one. After the last
    step that reader would pass the entries of all customers, and be too late. An autovacuum that
    is at work gives way.
    """
    with database.bulk() as connection, suppress(OperationalError):  # others maintain the table
        plain = connection.execution_options(isolation_level="AUTOCOMMIT")
        plain.exec_driver_sql("VACUUM (TRUNCATE FALSE) customers")


def _blocks(connection: Connection) -> Iterator[tuple[int, int]]:
    """Yield the first block of each step, and the first after it."""
    size = "SELECT pg_relation_size('customers') / current_setting('block_size')::int"
    with connection.begin():
        last: int = connection.exec_driver_sql(size).scalar_one()
    return pairwise([*range(0, last, BLOCKS), last])


def _step(scorecard: Scorecard, contract: Contract, digest: str, first: int, last: int) -> str:
    blocks = f"customers.ctid >= '({first},0)' AND customers.ctid < '({last},0)'"
    names = {"blocks": blocks, "digest": text(digest)}
    scores = stored_query(scorecard, contract, _LOCKED.format(**names))
    return _STEP.format(scores=scores, **names)


def _run(connection: Connection, statement: str) -> int:
    with connection.begin():
        # Without parameters: a percent sign in a value stays one.
        plain = connection.execution_options(no_parameters=True)
        scored = plain.exec_driver_sql(statement).rowcount
        if scored:
            connection.execute(CHANGED)
        return scored
