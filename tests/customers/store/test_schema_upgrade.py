"""The tables, as the migrations make them."""

from __future__ import annotations

import threading
from contextlib import closing
from pathlib import Path
from typing import Any
from unittest.mock import patch

import psycopg
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import OperationalError

from app.config import SettingError, Settings
from app.customers import LazyCustomerStore, database_of, sample_customers
from app.customers.files.customer_loader import load
from app.customers.sample_customers import prepare
from app.customers.store import schema_upgrade
from app.customers.store.database import Database
from app.customers.store.database_url import parse
from app.customers.store.embedded_file import HEAD, current
from app.customers.store.queries import CustomerStore
from app.customers.store.schema_upgrade import upgrade
from app.customers.store.stored_customer import StoredCustomer
from app.customers.store.tables import metadata
from app.customers.store.writes import count, write
from app.releases.registry import ReleaseRegistry
from app.releases.release_loader import Release
from app.resilience.unavailable import DependencyUnavailable
from tests.customers.conftest import everyone
from tests.prediction_bodies import CONTRACT
from tests.stores import opened
from tools.databases import PostgreSQL
from tools.servers import wait_until


def test_the_constant_is_the_folders_newest_migration() -> None:
    folder = Path(schema_upgrade.__file__).parent / "migrations"
    assert ScriptDirectory(str(folder)).get_current_head() == HEAD


def test_the_migrations_make_what_the_code_declares(store: CustomerStore) -> None:
    with store.database.bulk() as connection:
        context = MigrationContext.configure(connection)
        differences = [
            difference
            for difference in compare_metadata(context, metadata)
            if "customers_at_risk" not in str(difference)  # an expression: not compared
        ]
    assert differences == []


def test_an_upgrade_of_what_is_up_to_date_changes_nothing(store: CustomerStore) -> None:
    schema_upgrade.upgrade(store.database)


def test_tables_of_a_newer_version_are_left_alone(store: CustomerStore) -> None:
    """Going back to this version needs nothing."""
    newer = "UPDATE alembic_version SET version_num = '9999'"
    with store.database.bulk() as connection, connection.begin():
        connection.execute(sa.text(newer))
    schema_upgrade.upgrade(store.database)
    with store.database.bulk() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    assert found == "9999"


def test_two_upgrades_at_once_make_the_tables_once(cluster: PostgreSQL) -> None:
    """Two pods that start together; neither fails."""
    address = cluster.new()
    failures: list[Exception] = []

    def run() -> None:
        try:
            schema_upgrade.upgrade(Database(address))
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_an_upgrade_waits_for_another_one_but_not_long_for_a_lock(cluster: PostgreSQL) -> None:
    """Another's migration of many customers takes longer than any lock should be held."""
    address = cluster.new()
    impatient = Database(f"{address}?options=-c%20lock_timeout%3D50")
    failures: list[Exception] = []

    def run() -> None:
        try:
            schema_upgrade.upgrade(impatient)
        except Exception as error:
            failures.append(error)

    with closing(psycopg.connect(address, autocommit=True)) as other:
        other.execute("SELECT pg_advisory_lock(%s)", [schema_upgrade.LOCK])
        thread = threading.Thread(target=run)
        thread.start()
        waited = (
            "SELECT 1 FROM pg_locks WHERE NOT granted AND waitstart < now() - interval '200 ms'"
        )
        wait_until(
            lambda: other.execute(waited).fetchone() is not None, "the wait exceeds the limit"
        )
        other.execute("SELECT pg_advisory_unlock(%s)", [schema_upgrade.LOCK])
        thread.join()
        assert failures == []
        with other.transaction():
            other.execute("LOCK TABLE alembic_version")
            with pytest.raises(sa.exc.OperationalError, match="lock timeout"):
                schema_upgrade.upgrade(impatient)


def test_a_new_embedded_database_has_the_sample(
    tmp_path: Path, release: Release, known: ReleaseRegistry
) -> None:
    file = tmp_path / "new" / "churn.sqlite3"
    loaded = sample_customers.prepare(file, known)
    assert loaded == 200
    assert current(file)
    assert [path.name for path in file.parent.iterdir()] == [file.name]
    with opened(f"sqlite:///{file}") as store:
        assert len(everyone(store, release)) == loaded
    assert sample_customers.prepare(file, known) is None


def test_a_start_that_was_interrupted_leaves_nothing_half_made(
    tmp_path: Path, known: ReleaseRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "churn.sqlite3"

    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(sample_customers, "load", interrupted)
        with pytest.raises(KeyboardInterrupt):
            sample_customers.prepare(file, known)
    assert not file.exists()
    assert sample_customers.prepare(file, known) == 200


def test_a_lookup_makes_no_file(tmp_path: Path) -> None:
    """A wrong path is an error, not an empty database."""
    file = tmp_path / "churn.sqlite3"
    with opened(f"sqlite:///{file}") as store, pytest.raises(OperationalError):
        store.database.engine.connect()
    assert not file.exists()
    assert not current(file)


def test_a_file_that_is_replaced_is_opened_anew(tmp_path: Path, release: Release) -> None:
    """A backup replaces the file; a removed file is unavailable, not served from memory."""
    files = [tmp_path / name for name in ("now.sqlite3", "backup.sqlite3")]
    for file, tenure in zip(files, (1, 2), strict=True):
        with opened(f"sqlite:///{file}") as store:
            upgrade(store.database)
            features = {"tenure": tenure, "contract": "One year", "monthly_charges": 5}
            with store.database.bulk() as connection:
                write(connection, [StoredCustomer("c-1", features, None)], "")
    with opened(f"sqlite:///{files[0]}") as store:
        assert store.features("c-1")["tenure"] == 1  # type: ignore[index]
        files[1].replace(files[0])
        assert store.features("c-1")["tenure"] == 2  # type: ignore[index]
        files[0].unlink()
        with pytest.raises(DependencyUnavailable):
            store.ping()


def test_a_database_that_was_made_meanwhile_stays(tmp_path: Path, known: ReleaseRegistry) -> None:
    file = tmp_path / "churn.sqlite3"

    def load_beside(*args: Any) -> Any:
        upgrade(Database(f"sqlite:///{file}"))
        return load(*args)

    with patch.object(sample_customers, "load", load_beside):
        prepare(file, known)
    with opened(f"sqlite:///{file}") as store, store.database.bulk() as connection:
        assert count(connection) == 0
    assert [path for path in tmp_path.iterdir() if path.name.startswith("churn.sqlite3.")] == []


@pytest.mark.parametrize(
    "url",
    ["postgresql://h:x/db", "postgresql://", "sqlite:///", "sqlite:///:memory:", "mysql://h/db"],
)
def test_a_wrong_address_names_the_setting_and_not_itself(url: str) -> None:
    with pytest.raises(ValueError, match="give postgresql://"):
        parse(url)
    with pytest.raises(SettingError, match=r"^DATABASE_URL: give postgresql://"):
        database_of(Settings(database_url=url))


def test_an_option_that_postgresql_lacks_is_named() -> None:
    with pytest.raises(ValueError, match='option "foo"'):
        parse("postgresql://u:secret@h/db?foo=1")
    assert parse("postgresql://u@h/db?sslmode=require&host=/run").database == "db"


@pytest.mark.parametrize(
    "url",
    [
        "redis://host:port/0",
        "redis://host/0?bogus=1",
        "redis://host/0?cache_config=x",
        "redis://host:6379/x",
    ],
)
def test_a_wrong_address_of_the_cache_names_the_setting(url: str) -> None:
    with pytest.raises(SettingError, match=r"^CACHE_URL: "):
        _ = LazyCustomerStore(Settings(cache_url=url), CONTRACT).store
