"""The deployment guide's backup and restore, on a real PostgreSQL under a running service."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from tools.databases import POSTGRESQL, postgresql, redis_server
from tools.ports import free_port
from tools.servers import ROOT, fetch, gunicorn, program, wait_until

CUSTOMER = "/customers/wa-0010/prediction"


def commands(heading: str) -> str:
    """The block of commands under a heading of the guide."""
    text = (ROOT / "guides" / "deployment.md").read_text("utf-8")
    found = re.search(rf"^## {heading}$.*?^```bash[^\n]*\n(.*?)^```$", text, re.S | re.M)
    assert found, heading
    return found[1]


def run(command: str, folder: Path, environ: dict[str, str]) -> None:
    beside = Path(sys.executable).parent
    path = os.pathsep.join((str(beside), os.environ["PATH"], POSTGRESQL))
    done = subprocess.run(
        ["bash", "-eu", "-c", command],
        cwd=folder,
        env={**os.environ, **environ, "PATH": path},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def customers(url: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        rows = connection.execute("SELECT * FROM customers ORDER BY id").fetchall()
    return [tuple(row) for row in rows]


@pytest.mark.parametrize(
    ("cached", "scheme"),
    [(True, "postgresql"), (False, "postgresql+psycopg")],
    ids=["with Redis", "without, the driver named"],
)
def test_what_was_backed_up_is_restored(tmp_path: Path, cached: bool, scheme: str) -> None:
    """Rows deleted, changed and added since are restored, for the service, too."""
    for name in ("pg_dump", "pg_restore"):
        program(name, POSTGRESQL)
    port = free_port()
    with postgresql() as cluster, redis_server(tmp_path, port):
        address = cluster.new()
        environ = {
            "DATABASE_URL": address.replace("postgresql", scheme, 1),
            "CACHE_URL": f"redis://127.0.0.1:{port}/0" if cached else "",
        }
        run(
            f"churn database upgrade && churn customers load {ROOT}/model/sample_customers.csv",
            tmp_path,
            environ,
        )
        with gunicorn(tmp_path, **environ) as server:
            status, answer = fetch(f"{server.url}{CUSTOMER}")
            assert status == 200
            before = customers(address)
            run(commands("Back up the database"), tmp_path, environ)

            with psycopg.connect(address) as connection:
                connection.execute("UPDATE customers SET log_odds = 0 WHERE id < 'wa-0005'")
                connection.execute("UPDATE customers SET id = 'x' || id WHERE id > 'wa-1000'")
                connection.execute("DELETE FROM customers WHERE id = 'wa-0010'")
            assert customers(address) != before

            run(commands("Restore the database"), tmp_path, environ)
            assert customers(address) == before
            wait_until(lambda: fetch(f"{server.url}{CUSTOMER}")[0] == 200, "the customer is back")
            assert fetch(f"{server.url}{CUSTOMER}")[1] == answer
