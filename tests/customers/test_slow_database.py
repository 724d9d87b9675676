"""A slow database or cache delays those who ask it, and nobody else."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
import pytest
import redis

from app.config import GUNICORN_CONFIGURATION
from app.customers.store.database import QUERYING
from app.customers.store.queries import READING
from app.customers.store.schema_upgrade import upgrade
from app.customers.store.stored_customer import StoredCustomer
from app.customers.store.writes import UNSCORED, write
from tests.customers.conftest import some
from tests.prediction_bodies import REQUIRED
from tests.stores import opened
from tools.databases import PostgreSQL, halt, redis_server
from tools.ports import free_port
from tools.servers import Server, answers, fetch, running, wait_for
from tools.worker_metrics import samples

CLIENTS = 24
BASE = some(CLIENTS + 2)
CACHED, MISSED = BASE[-2][0], BASE[-1][0]


@contextmanager
def patient_server(folder: Path, **environ: str) -> Iterator[Server]:
    """One worker as `churn serve` starts it, except that its limits of time are long."""
    port, log = free_port(), folder / "gunicorn.log"
    command = [str(Path(sys.executable).with_name("gunicorn")), "-c", str(GUNICORN_CONFIGURATION)]
    command += ["-b", f"127.0.0.1:{port}", "tests.apps:make_app()"]
    with running(command, log, {"WEB_CONCURRENCY": "1", **environ}) as process:
        url = f"http://127.0.0.1:{port}"
        wait_for(process, log, lambda: answers(f"{url}/health/live"), "the server answers")
        yield Server(url, process, log)


@pytest.fixture
def filled(cluster: PostgreSQL) -> str:
    """The address of a database with customers."""
    address = cluster.new()
    with opened(address) as store:
        upgrade(store.database)
        with store.database.bulk() as connection:
            write(connection, [StoredCustomer(*customer) for customer in BASE], UNSCORED)
    return address


@pytest.mark.parametrize("worker", ["loop", "threads"])
def test_lookups_that_wait_take_no_thread_from_others(
    filled: str, redis_url: str, tmp_path: Path, worker: str
) -> None:
    """A lock holds the lookups, so what is answered before its end waited for none of them."""
    environ = {"DATABASE_URL": filled, "CACHE_URL": redis_url, "WORKER": worker}
    with redis.Redis.from_url(redis_url) as cache:
        cache.flushdb()

    def look_up(customer: str) -> int:
        return fetch(f"{url}/customers/{customer}/prediction")[0]

    def begin(customer: str) -> Future[int]:
        return clients.submit(look_up, customer)

    with (
        patient_server(tmp_path, **environ) as server,
        ThreadPoolExecutor(CLIENTS) as clients,
        ExitStack() as locked,
    ):
        url = server.url
        assert look_up(CACHED) == 200
        holder = locked.enter_context(psycopg.connect(filled))
        holder.execute("LOCK TABLE customers")
        waiting = {begin(customer) for customer, _ in BASE[:CLIENTS]}
        while len(waiting) > QUERYING:
            refused, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            assert {each.result() for each in refused} == {503}
        status, text = fetch(f"{url}/customers/{MISSED}/prediction")
        assert (status, "busy with" in text) == (503, True)
        assert fetch(f"{url}/customers/at-risk")[0] == 503
        assert fetch(f"{url}/health/live")[0] == 200
        assert fetch(f"{url}/predict", {"features": REQUIRED})[0] == 200
        assert fetch(f"{url}/runbooks/database-slow-or-down")[0] == 200
        assert look_up(CACHED) == 200
        assert not any(each.done() for each in waiting)
        locked.close()
        assert [each.result() for each in waiting] == [200] * QUERYING
        assert look_up(MISSED) == 200
        assert '"database":{"status":"ok"' in fetch(f"{url}/health/ready")[1]
        counted = samples(server)
    parts = [frozenset({("part", part)}) for part in ("database", "customers")]
    assert counted["churn_circuit_open", parts[0]] == 0
    busy = [counted["churn_refused_busy_total", part] for part in parts]
    assert sum(busy) == CLIENTS - QUERYING + 2


def test_a_cache_that_hangs_takes_no_thread_from_others(filled: str, tmp_path: Path) -> None:
    """It is stopped, and so holds the lookups until it goes on."""
    port = free_port()
    environ = {"DATABASE_URL": filled, "CACHE_URL": f"redis://127.0.0.1:{port}/0"}
    with (
        redis_server(tmp_path, port) as cache,
        patient_server(tmp_path, WORKER="threads", **environ) as server,
        ThreadPoolExecutor(CLIENTS) as clients,
    ):
        url = server.url
        halt(cache, signal.SIGSTOP)
        try:
            lookups = [f"{url}/customers/{customer}/prediction" for customer, _ in BASE[:CLIENTS]]
            waiting = {clients.submit(fetch, lookup) for lookup in lookups}
            while len(waiting) > READING:
                refused, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                assert {each.result()[0] for each in refused} == {503}
            assert fetch(f"{url}/health/live")[0] == 200
            assert fetch(f"{url}/predict", {"features": REQUIRED})[0] == 200
            assert fetch(f"{url}/runbooks/cache-miss-storm")[0] == 200
            assert not any(each.done() for each in waiting)
        finally:
            cache.send_signal(signal.SIGCONT)
        assert [each.result()[0] for each in waiting] == [200] * READING
