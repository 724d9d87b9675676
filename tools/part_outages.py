"""Outages of database, cache and releases under traffic."""

from __future__ import annotations

import signal
import time
from pathlib import Path
from typing import Any

import psycopg

from app.config import Settings
from app.customers.sample_customers import SAMPLE
from app.releases.serving_pointer import Pointer, write
from tools.databases import PostgreSQL, postgresql, redis_server
from tools.mixed_traffic import Traffic
from tools.ports import free_port
from tools.release_copies import copy_release
from tools.servers import ServerError, churn, gunicorn, wait_until

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
    model_dir, port = _releases(folder), free_port()
    with postgresql() as database:
        environ: dict[str, Any] = {  # Any: of a dictionary's keys mypy knows no names
            "DATABASE_URL": database.new(),
            "CACHE_URL": f"redis://127.0.0.1:{port}/0",
            "MODEL_DIR": str(model_dir),
            "WEB_CONCURRENCY": str(WORKERS),
            "RATE_LIMIT": "100000/second",
        }
        _succeeds("database", "upgrade", **environ)
        _succeeds("customers", "load", str(SAMPLE), **environ)
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
                    _change_releases(traffic, model_dir, environ)
                # No cache hides the database from here on.
                _freeze(database, traffic)
                traffic.wait_for_answers()
            connections = _connections(environ["DATABASE_URL"])
    return traffic, connections


def _releases(folder: Path) -> Path:
    model_dir = folder / "releases"
    for version in ("1.0.0", "1.1.0"):
        copy_release(Settings().model_dir / "1.0.0", model_dir / version)
    write(model_dir, Pointer("1.0.0"))
    return model_dir


def _succeeds(*command: str, **environ: str) -> None:
    done = churn(*command, **environ)
    if done.returncode:
        raise ServerError(f"churn {' '.join(command)}: {done.stderr}")


def _change_releases(traffic: Traffic, model_dir: Path, environ: dict[str, str]) -> None:
    """Promote one, roll back, and try a damaged one."""
    _succeeds("model", "promote", "1.1.0", **environ)
    _succeeds("model", "rollback", **environ)

    def refusals() -> int:
        return traffic.server.log.read_text().count("1.2.0 refused")

    copy_release(model_dir / "1.0.0", model_dir / "damaged")
    (model_dir / "damaged" / "scorecard.json").write_text("{}")
    (model_dir / "damaged").rename(model_dir / "1.2.0")  # at once: each change is refused once
    wait_until(lambda: refusals() >= WORKERS, "each worker refuses the damaged release")
    if churn("model", "promote", "1.2.0", **environ).returncode != 1:
        raise ServerError("a damaged release was promoted")
    write(model_dir, Pointer("1.2.0", "1.0.0"))  # past the command
    wait_until(lambda: refusals() >= 2 * WORKERS, "each worker refuses to serve it")
    traffic.wait_for_answers()


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
