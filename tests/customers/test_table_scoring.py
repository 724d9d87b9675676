"""Scoring somebody else's table: what a row means, what is refused, and that it is only read."""

from __future__ import annotations

import csv
import io
import math
import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from app.customers.commands import customers
from app.customers.files.customer_reader import read
from app.customers.files.header_matching import HeaderRules
from app.customers.store.queries import CustomerStore
from app.customers.store.source_table import read_only
from app.predictions.scorer import Scorer
from app.releases.release_loader import Release
from tests.apps import make_app
from tests.customers.conftest import named
from tools.databases import PostgreSQL
from tools.servers import ROOT, wait_until

Churn = Callable[..., subprocess.CompletedProcess[str]]

NAME = 'Our "subs"; DROP TABLE customers; -- 100% :x'
WRITTEN = '"' + NAME.replace('"', '""') + '"'

COLUMNS: dict[str, tuple[str, tuple[tuple[object, str], ...]]] = {
    "TENURE": ("smallint", ((12, "12"), (0, "0"), (700, "700"), (None, ""))),
    "Contract": (
        "char(20)",
        (("One year", "One year"), ("month-TO-month", "month-TO-month"), ("weekly", "weekly")),
    ),
    "Monthly-Charges": ("numeric(10,2)", ((65.5, "65.50"), (20, "20.00"), (-1.25, "-1.25"))),
    "total charges": (
        "float8",
        ((786.25, "786.25"), (None, ""), (math.nan, ""), (math.inf, ""), (1e300, "1e+300")),
    ),
    "gender": ("varchar", (("Male", "Male"), (" female ", " female "), ("M", "M"))),
    "partner": ("integer", ((0, "0"), (1, "1"), (2, "2"))),
    "dependents": ("boolean", ((True, "true"), (False, "false"), (None, ""))),
    "senior_citizen": (
        "text",
        (("Yes", "Yes"), ("no", "no"), ("TRUE", "TRUE"), ("maybe", "maybe")),
    ),
    "payment_method": ("paying", (("Mailed check", "Mailed check"), (None, ""))),
    "phone_service": ("text", (("N/A", "N/A"), ("1.0", "1.0"))),
}
"""Columns with their types in PostgreSQL, and values with the cells of a file."""

IDS = (("c-1", "c-1"), ("c-1", "c-1"), (None, ""), ("", ""), ("not an id", "not an id"))


def drawn(number: int) -> list[tuple[list[object], list[str]]]:
    """Rows of values, each with its cells; few have a fault."""
    draw = random.Random(3)
    rows = []
    for i in range(number):
        pairs = [IDS[i] if i < len(IDS) else (f"d-{i}", f"d-{i}")]
        for _, values in COLUMNS.values():
            pairs.append(draw.choice(values if draw.random() < 0.2 else values[:2]))
        rows.append(([value for value, _ in pairs], [cell for _, cell in pairs]))
    return rows


def make_table(store: CustomerStore, rows: list[list[object]]) -> None:
    embedded = store.database.embedded
    types = {name: "" if embedded else kind for name, (kind, _) in COLUMNS.items()}
    declared = ", ".join(f'"{name}" {kind}' for name, kind in types.items())
    with store.database.bulk() as connection, connection.begin():
        plain = connection.execution_options(no_parameters=True)
        if not embedded:
            plain.exec_driver_sql("CREATE TYPE paying AS ENUM ('Mailed check')")
        note = '"a note" text DEFAULT 1'
        plain.exec_driver_sql(f'CREATE TABLE {WRITTEN} ("Customer ID" text, {declared}, {note})')
    with store.database.bulk() as connection, connection.begin():
        columns = ["Customer ID", *COLUMNS]
        table = sa.table(sa.quoted_name(NAME, quote=True), *map(sa.column, columns))
        values = [dict(zip(columns, row, strict=True)) for row in rows]
        connection.execute(sa.insert(table), values)


def stored(store: CustomerStore) -> list[tuple[Any, ...]]:
    c = sa.text(
        "SELECT id, probability, range_low, range_high, prediction, faults FROM table_scores"
        " JOIN scored_tables USING (table_name) WHERE table_name = :name"
    )
    with store.database.bulk() as connection:
        rows = connection.execute(c, {"name": WRITTEN}).all()
    return sorted((tuple(row) for row in rows), key=repr)


def as_a_file(release: Release, rows: list[list[str]], policy: str) -> list[tuple[Any, ...]]:
    """What the same rows of a CSV file give."""
    text = io.StringIO()
    csv.writer(text).writerows([["Customer ID", *COLUMNS], *rows])
    scorer = Scorer(release.scorecard, release.contract)
    found: list[tuple[Any, ...]] = []
    rules = HeaderRules(release.contract)
    for row in read(named(text.getvalue().encode()), "x.csv", rules).rows:
        if row.features is None:
            found.append((row.id, None, None, None, None, row.reason))
        else:
            answer = scorer.score(row.features, policy, 0)
            ends = answer["unknown"]["range"]
            found.append((row.id, answer["churn_probability"], *ends, answer["prediction"], None))
    return sorted(found, key=repr)


def test_a_row_means_what_it_would_in_a_file(
    store: CustomerStore, address: str, release: Release, churn: Churn
) -> None:
    """Names and values as people have them; a name that looks like SQL is only a name.

    Run again after a change, the result is that of the new rows alone.
    """
    rows = drawn(400)
    make_table(store, [values for values, _ in rows])
    wanted = as_a_file(release, [cells for _, cells in rows], "high_recall")
    args = ["customers", "score", "--table", WRITTEN, "--policy", "high_recall"]
    done = churn(*args, DATABASE_URL=address)
    assert done.returncode == 0, done.stderr
    assert stored(store) == wanted
    bad = sum(row[5] is not None for row in wanted)
    assert 5 < bad < 200
    assert f"400 read, {400 - bad} scored, {bad} rejected" in done.stdout
    assert "1 ids occur more than once: c-1" in done.stderr
    assert "left out: a note" in done.stderr
    with store.database.bulk() as connection, connection.begin():
        plain = connection.execution_options(no_parameters=True)
        others = "COALESCE(\"Customer ID\", '') <> 'd-10'"
        plain.exec_driver_sql(f"DELETE FROM {WRITTEN} WHERE {others}")
    churn(*args, DATABASE_URL=address)
    assert stored(store) == [row for row in wanted if row[0] == "d-10"]


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--table", "nonesuch"], "no table nonesuch"),
        (["--table", "subs"], "no table subs; did you mean sub?"),
        (["--table", "x.sub"], "no schema x"),
        (["--table", "a.b.c"], "give TABLE or SCHEMA.TABLE"),
        (["--table", '"sub'], "is no name of a table"),
        (["--table", "sub\n"], "cannot be a name in SQL"),
        (["--table", "sub; DROP TABLE sub"], "no table"),
        (["--table", "sub"], "no column customer_id: name the column of the id with --id"),
        (["--table", "sub", "--id", "numer"], "no column numer; did you mean"),
        (
            ["--table", "sub", "--id", "nummer"],
            "required; did you mean 'tenur'?; no column contract",
        ),
        (["--policy", "default"], "--id-column and --policy go with --table"),
        (["--table", "customers", "--id", "id"], "no column tenure, which is required"),
    ],
)
def test_what_cannot_be_scored_is_said(
    store: CustomerStore, address: str, args: list[str], said: str
) -> None:
    with store.database.bulk() as connection, connection.begin():
        connection.exec_driver_sql("CREATE TABLE sub (nummer text, tenur int, monthly_charges int)")
    app = make_app(database_url=address)
    done = app.test_cli_runner().invoke(customers, ["score", *args])
    assert done.exit_code == 2
    assert said in done.output


def test_the_right_to_read_is_enough(cluster: PostgreSQL, churn: Churn) -> None:
    """Their table is read in a transaction that can write nothing; without the right, one line."""
    url = cluster.new()
    assert churn("database", "upgrade", DATABASE_URL=url).returncode == 0
    role = "reader_of_" + url.rpartition("/")[2]
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {role} LOGIN".encode())
        connection.execute(f"GRANT ALL ON table_scores, scored_tables TO {role}".encode())
        connection.execute(b"CREATE SCHEMA crm")
        made = "AS SELECT 'c' AS id, 12 AS tenure, 'One year' AS contract, 5 AS monthly_charges"
        connection.execute(f"CREATE TABLE crm.subs {made}".encode())
        reader = url.replace("postgres@", f"{role}@")
        refused = churn("customers", "score", "--table", "crm.subs", DATABASE_URL=reader)
        assert (refused.returncode, len(refused.stderr.splitlines())) == (1, 1)
        assert "permission denied" in refused.stderr
        connection.execute(f"GRANT USAGE ON SCHEMA crm TO {role}".encode())
        connection.execute(f"GRANT SELECT ON crm.subs TO {role}".encode())
    done = churn("customers", "score", "--table", "crm.subs", DATABASE_URL=reader)
    assert done.stdout.startswith("1 read, 1 scored, 0 rejected"), done.stderr


def test_the_connection_that_reads_can_write_nothing(store: CustomerStore) -> None:
    with store.database.bulk() as connection:
        read_only(connection)
        with pytest.raises(sa.exc.SQLAlchemyError, match=r"read-?only"), connection.begin():
            connection.exec_driver_sql("DELETE FROM customers")


def test_a_killed_run_leaves_the_result_before_and_two_runs_exclude_each_other(
    cluster: PostgreSQL, churn: Churn
) -> None:
    url = cluster.new()
    assert churn("database", "upgrade", DATABASE_URL=url).returncode == 0
    made = (
        "CREATE TABLE subs AS SELECT n AS id, n % 70 AS tenure, 'One year' AS contract,"
        " n % 90 AS monthly_charges FROM generate_series(1, 6000) n"
    )
    query = "SELECT id, probability, faults FROM table_scores ORDER BY CAST(id AS int)"
    args = ["customers", "score", "--table", "subs"]
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(made.encode())
        assert churn(*args, DATABASE_URL=url).returncode == 0
        before = connection.execute(query.encode()).fetchall()
        assert len(before) == 6000
        connection.execute(b"UPDATE subs SET tenure = tenure / 2")
        with psycopg.connect(url) as holder:  # keeps the run in its transaction
            holder.execute(b"LOCK TABLE scored_tables IN SHARE ROW EXCLUSIVE MODE")
            process = subprocess.Popen(
                [sys.executable, "-m", "app.cli.main", *args],
                cwd=ROOT,
                env={**os.environ, "DATABASE_URL": url},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            waits = b"SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
            wait_until(lambda: bool(connection.execute(waits).fetchall()), "the run waits")
            other = churn(*args, DATABASE_URL=url)
            assert (other.returncode, "another run scores subs" in other.stderr) == (2, True)
            process.send_signal(signal.SIGKILL)
            process.wait()
        assert connection.execute(query.encode()).fetchall() == before

        def free() -> bool:
            return churn(*args, DATABASE_URL=url).returncode == 0

        wait_until(free, "the run again")
        after = connection.execute(query.encode()).fetchall()
    assert len(after) == 6000
    assert after != before
