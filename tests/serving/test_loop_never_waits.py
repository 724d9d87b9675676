"""The event loop goes on while a part that a request needs is frozen."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from app.diagnostics.check_runs import CheckRuns
from app.resilience.time_limits import TimeLimits
from app.services import services_of
from tests.apps import make_app
from tests.prediction_bodies import REQUIRED
from tests.serving.loop_servers import Running, loop_server
from tools.databases import postgresql, redis_server
from tools.ports import free_port
from tools.servers import fetch, wait_until

LIMITS = TimeLimits(lookup=20, redis=20, count=20, alerts=20, check=60)
"""Long enough that a request which waits is seen to wait."""


@contextmanager
def redis(folder: Path) -> Iterator[tuple[dict[str, Any], Callable[[int], None]]]:
    port = free_port()
    with redis_server(folder, port) as process:
        url = f"redis://127.0.0.1:{port}/0"
        yield {"rate_limit": "1000/second", "cache_url": url}, process.send_signal


@contextmanager
def database(_: Path) -> Iterator[tuple[dict[str, Any], Callable[[int], None]]]:
    with postgresql() as server:
        yield {"database_url": server.new()}, server.send


FROZEN = {
    "the limit of a prediction": (redis, "/predict", {"features": REQUIRED}),
    "the limit of a page": (redis, "/models", None),
    "a stored customer": (database, "/customers/wa-0010/prediction", None),
    "a diagnosis": (database, "/diagnostics/database", None),
}


@pytest.mark.parametrize("name", FROZEN)
def test_others_are_served_while_a_request_waits(tmp_path: Path, name: str) -> None:
    """Probes and predictions are answered before it."""
    part, path, body = FROZEN[name]
    answered = threading.Event()

    def ask(server: Running) -> None:
        fetch(server.url + path, body)
        answered.set()

    with ExitStack() as stack:
        settings, send = stack.enter_context(part(tmp_path))
        app = make_app(LIMITS, **settings)
        stack.callback(services_of(app).customers.store.database.engine.dispose)
        server = stack.enter_context(loop_server(app))
        fetch(server.url + path, body)  # connects
        services_of(app).checks = CheckRuns(app, LIMITS.check)  # without a result
        waiting = threading.Thread(target=ask, args=(server,))
        send(signal.SIGSTOP)
        try:
            waiting.start()
            wait_until(lambda: bool(server.loop.server_state.tasks), "the request is waiting")
            for _ in range(20):
                assert fetch(f"{server.url}/health/live")[0] == 200
                if "rate_limit" not in settings:
                    assert fetch(f"{server.url}/predict", {"features": REQUIRED})[0] == 200
            assert not answered.is_set()
        finally:
            send(signal.SIGCONT)
        waiting.join()
