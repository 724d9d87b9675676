"""Rescoring stored customers on demand and on promotion, and warming the cache."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis
import sqlalchemy as sa
from flask import Flask

from app.config import Settings
from app.customers import rescoring
from app.customers.store.database import Database
from app.customers.store.queries import CustomerStore
from app.customers.store.schema_upgrade import upgrade
from app.customers.store.tables import customers as table
from app.customers.store.writes import BATCH, count
from app.releases.release_loader import Release, load_release
from app.releases.serving_pointer import Pointer, write
from tests.customers.conftest import Fill, everyone, some
from tools.databases import PostgreSQL
from tools.release_copies import change_scorecard, copy_release

Churn = Callable[..., Any]


@pytest.fixture
def model_dir(tmp_path: Path) -> Path:
    """Release 1.0.0 in service, and 1.1.0, by which every customer scores higher."""
    folder = tmp_path / "releases"
    for version in ("1.0.0", "1.1.0"):
        copy_release(Settings().model_dir / "1.0.0", folder / version)
    change_scorecard(folder / "1.1.0", higher)
    write(folder, Pointer("1.0.0"))
    return folder


def address_of(store: CustomerStore) -> str:
    url: str = store.database.url.render_as_string(hide_password=False)
    return url.replace("+psycopg", "")


def higher(content: dict[str, Any]) -> None:
    content["intercept"] += 1
    for stored in content["selftest"]:
        stored["log_odds"] += 1


def test_only_what_is_stale_is_scored(store: CustomerStore, fill: Fill, release: Release) -> None:
    """In batches; what no longer fits the contract is counted and left out."""
    base = some(BATCH + 10)
    fill(base, scored=False)
    fill(base[:4])
    with store.database.bulk() as connection, connection.begin():
        broken = sa.update(table).where(table.c.id == base[-1][0])
        connection.execute(broken.values(features={"tenure": "x"}))
    steps: list[int] = []
    assert rescoring.score(store, release, steps.append) == (BATCH + 5, 1)
    assert sum(steps) == BATCH + 6
    assert everyone(store, release) == [
        customer
        for _, customer in sorted((-release.scorecard.log_odds(f), c) for c, f in base[:-1])
    ]
    assert rescoring.score(store, release, steps.append) == (0, 1)


def test_promotion_and_rollback_score_the_stored_base(
    store: CustomerStore, fill: Fill, address: str, model_dir: Path, churn: Churn
) -> None:
    """Before it ends nothing of the older release is ranked, after it everyone by the newer."""
    first, second = (load_release(model_dir / version) for version in ("1.0.0", "1.1.0"))
    fill(some(20), scored=False)
    environ = {"DATABASE_URL": address, "MODEL_DIR": str(model_dir)}
    scored = churn("customers", "score", **environ)
    assert scored.stdout == "20 customers scored with release 1.0.0\n"
    assert len(everyone(store, first)) == 20
    assert everyone(store, second) == []
    promoted = churn("model", "promote", "1.1.0", **environ)
    assert promoted.returncode == 0
    assert "20 customers scored with release 1.1.0" in promoted.stdout
    assert everyone(store, first) == []
    assert len(everyone(store, second)) == 20
    rolled_back = churn("model", "rollback", **environ)
    assert "20 customers scored with release 1.0.0" in rolled_back.stdout
    assert len(everyone(store, first)) == 20


def test_a_promotion_without_the_database_serves_and_says_what_is_left_to_do(
    model_dir: Path, churn: Churn, cluster: PostgreSQL
) -> None:
    """The release is what matters; the scores are a finding."""
    environ = {"DATABASE_URL": cluster.url("nowhere"), "MODEL_DIR": str(model_dir)}
    done = churn("model", "promote", "1.1.0", **environ)
    assert done.returncode == 1
    assert done.stdout == "1.1.0 serves (1.0.0 before)\n"
    (line,) = [line for line in done.stderr.splitlines() if not line.startswith("{")]
    assert line.startswith("Error: 1.1.0 serves")
    assert line.endswith("run churn customers score")


def test_a_promotion_doesnt_wait_for_ever_for_a_locked_table(
    model_dir: Path, churn: Churn, cluster: PostgreSQL
) -> None:
    """It says what to do; DATABASE_URL may give another limit than the command's own."""
    address = cluster.new()
    upgrade(Database(address))
    impatient = f"{address}?options=-c%20lock_timeout%3D100"
    with closing(psycopg.connect(address)) as holder:
        holder.execute("LOCK TABLE customers")
        environ = {"DATABASE_URL": impatient, "MODEL_DIR": str(model_dir)}
        done = churn("model", "promote", "1.1.0", **environ)
    assert (done.returncode, done.stdout) == (1, "1.1.0 serves (1.0.0 before)\n")
    (line,) = [line for line in done.stderr.splitlines() if not line.startswith("{")]
    assert "churn diagnose database.locks" in line
    assert line.endswith("run churn customers score")


def test_a_command_has_a_limit_for_locks(cluster: PostgreSQL) -> None:
    with Database(cluster.url()).bulk() as connection:
        assert connection.exec_driver_sql("SHOW lock_timeout").scalar_one() == "30s"


def test_the_cache_is_warmed_with_those_most_at_risk(
    store: CustomerStore, fill: Fill, release: Release, churn: Churn, redis_url: str
) -> None:
    fill(some(30))
    environ = {
        "DATABASE_URL": address_of(store),
        "CACHE_URL": redis_url,
    }
    with redis.Redis.from_url(redis_url) as client:
        client.flushdb()
        done = churn("cache", "warm", "--most", "10", **environ)
        assert done.stdout == "10 customers in the cache\n", done.stderr
        found = {key.decode().rpartition(":")[2] for key in client.scan_iter()}
    assert found == set(everyone(store, release)[:10])


def test_what_breaks_the_contract_is_not_put_into_the_cache(
    store: CustomerStore, fill: Fill, churn: Churn, redis_url: str
) -> None:
    """Others changed the row in the table, but not its score."""
    fill(some(10))
    with store.database.bulk() as connection, connection.begin():
        broken = sa.update(table).where(table.c.id < "c-000004")
        connection.execute(broken.values(features=[1]))
    done = churn("cache", "warm", DATABASE_URL=address_of(store), CACHE_URL=redis_url)
    assert done.returncode == 0, done.stderr
    said = "6 customers in the cache, 4 break the contract: load them again\n"
    assert (done.stdout, done.stderr) == (said, "")


def test_warming_says_who_has_no_score(
    fill: Fill, address: str, churn: Churn, redis_url: str
) -> None:
    fill(some(3), scored=False)
    done = churn("cache", "warm", DATABASE_URL=address, CACHE_URL=redis_url)
    assert done.stdout == "0 customers in the cache\n"
    assert "churn customers score" in done.stderr


def test_warming_what_is_not_there_is_an_error_in_a_line(app: Flask, churn: Churn) -> None:
    none = churn("cache", "warm")
    assert none.returncode == 2
    assert "CACHE_URL is not set" in none.stderr
    away = churn("cache", "warm", CACHE_URL="redis://127.0.0.1:1/0")
    assert away.returncode == 1
    assert away.stderr == "Error: cache: the call failed\n"


def test_a_load_says_when_the_cache_could_not_be_told(
    store: CustomerStore, address: str, churn: Churn, tmp_path: Path
) -> None:
    file = tmp_path / "c.csv"
    file.write_text("id,tenure,contract,monthly_charges\nc-1,1,One year,5\n")
    environ = {"DATABASE_URL": address, "CACHE_URL": "redis://127.0.0.1:1/0"}
    done = churn("customers", "load", str(file), **environ)
    assert done.returncode == 0
    assert "5 minutes" in done.stderr
    with store.database.bulk() as connection:
        assert count(connection) == 1
