"""Outages of database, cache and releases under traffic."""

from __future__ import annotations

import signal
import time
from pathlib import Path
from typing import Any

import psycopg

from app.customers.files.sample_file import SAMPLE
from tools.databases import PostgreSQL, postgresql, redis_server
from tools.mixed_traffic import Traffic
from tools.ports import free_port
from tools.release_changes import change_releases, succeeds, two_releases
from tools.servers import gunicorn, wait_until

WORKERS = 2

REFUSED = 50
"""Lookups that must be refused before the database continues."""


def traffic_through_outages(folder: Path, rate: float) -> tuple[Traffic, int]:
    """Take each part away under traffic, and give it back.

    Args:
        folder: for files, empty.
        rate: requests a second.

    Returns:
        The traffic, and how many connections PostgreSQL had at the end.

    Raises:
        ServerError: a part that is back is not used again, or a command failed.
    """
    model_dir, port = two_releases(folder), free_port()
    with postgresql() as database:
        environ: dict[str, Any] = {  # Any: of a dictionary's keys mypy knows no names
            "DATABASE_URL": database.new(),
            "CACHE_URL": f"redis://127.0.0.1:{port}/0",
            "MODEL_DIR": str(model_dir),
            "WEB_CONCURRENCY": str(WORKERS),
            "RATE_LIMIT": "100000/second",
        }
        succeeds("database", "upgrade", **environ)
        succeeds("customers", "load", str(SAMPLE), **environ)
        with gunicorn(folder, **environ) as server:
            traffic = Traffic(server, rate)
            with traffic.running():
                with redis_server(folder, port) as redis:
                    traffic.wait_for_answers()
                    redis.kill()
                    redis.wait()
                    traffic.wait_for_answers()
                with redis_server(folder, port):
                    traffic.wait_for_answers()
                    change_releases(server, model_dir, environ)
                    traffic.wait_for_answers()
                # No cache hides the database from here on.
                _freeze(database, traffic)
                traffic.wait_for_answers()
            connections = _connections(environ["DATABASE_URL"])
    return traffic, connections


def _freeze(database: PostgreSQL, traffic: Traffic) -> None:
    """Stop the database, as a frozen machine does, until lookups are refused."""
    since = time.monotonic()

    def refused() -> bool:
        return sum(call.status == 503 for call in traffic.of("lookup", since)) >= REFUSED

    database.send(signal.SIGSTOP)
    try:
        wait_until(refused, "lookups are refused")
    finally:
        database.send(signal.SIGCONT)


def _connections(address: str) -> int:
    """Count the service's connections to its database."""
    counted = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    with psycopg.connect(address) as connection:
        found = connection.execute(counted).fetchone()
    return int(found[0]) if found else 0
