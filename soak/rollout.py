"""Two instances behind nginx are restarted, killed and frozen: no caller notices."""

from __future__ import annotations

import signal
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from soak.figures import Figure, failed_requests, milliseconds
from soak.requests_sent import FEATURES, MIXED
from tools.databases import postgresql, redis_server
from tools.instances import Instance, two_instances
from tools.load_clients import Load, load
from tools.nginx import nginx_before
from tools.ports import free_port
from tools.release_changes import succeeds
from tools.servers import ROOT, wait_until

ENOUGH = 20_000
"""At least so many requests while the instances are restarted one after the other."""

CLIENTS, WORKERS = 4, 2
TITLE = "Rollout: two instances behind nginx are restarted, killed and frozen under load"

PAUSE = 0.005
"""Seconds between two requests of a client, which leave the processor time for the starts."""

DURING = 1000
"""Requests that each kind of client sends while an instance is killed or frozen."""

REQUESTS: list[tuple[str, str, object]] = [
    *MIXED,
    ("GET", "/health/ready", None),
    (
        "POST",
        "/predict/batch",
        {"customers": [{"id": str(i), "features": FEATURES} for i in range(100)]},
    ),
]


SHORT = [request for request in REQUESTS if not request[1].startswith("/runbooks/")]
"""Those whose answers leave an instance at once; a kill may leave the beginning of a longer one."""


def run(folder: Path) -> list[Figure]:
    """Roll through restarts, then kill and freeze each, over kept and over new connections."""
    port = free_port()
    with postgresql() as cluster, redis_server(folder, port):
        environ: dict[str, Any] = {  # Any: of a dictionary's keys mypy knows no names
            "DATABASE_URL": cluster.new(),
            "CACHE_URL": f"redis://127.0.0.1:{port}/0",
            "WEB_CONCURRENCY": str(WORKERS),
            "LOG_LEVEL": "WARNING",
        }
        succeeds("database", "upgrade", **environ)
        succeeds("customers", "load", str(ROOT / "model" / "sample_customers.csv"), **environ)
        with (
            two_instances(folder, **environ) as both,
            nginx_before(folder, (both[0].url, both[1].url)) as url,
        ):
            return [
                *_through(url, "restarts", partial(_restart, both), REQUESTS),
                *_through(url, "kill -9 of each", partial(_kill, both), SHORT),
                *_through(url, "each frozen", partial(_freeze, both), REQUESTS),
            ]


def _through(
    url: str,
    name: str,
    change: Callable[[list[Load]], int],
    requests: list[tuple[str, str, object]],
) -> list[Figure]:
    """Send requests of both kinds of client during changes."""
    with (
        load(url, requests, CLIENTS, PAUSE, keep=True) as kept,
        load(url, requests, CLIENTS, PAUSE) as anew,
    ):
        sent = [kept, anew]
        _more(sent, 100)
        changes = change(sent)
        _more(sent, 100)
    return [
        Figure(f"{name}: how many", str(changes)),
        Figure(f"{name}: requests", f"{kept.total + anew.total:,}"),
        *milliseconds(f"{name}: answer", [*kept.seconds, *anew.seconds]),
        failed_requests(f"{name}: failed over kept connections", kept),
        failed_requests(f"{name}: failed with a connection each", anew),
    ]


def _more(sent: list[Load], number: int) -> None:
    """Wait for so many further answers over each kind of connection."""
    wanted = [part.total + number for part in sent]
    wait_until(
        lambda: all(part.total >= total for part, total in zip(sent, wanted, strict=True)),
        "answers",
    )


def _restart(both: tuple[Instance, Instance], sent: list[Load]) -> int:
    restarts = 0
    while sum(part.total for part in sent) < ENOUGH:
        for instance in both:
            instance.restart()
            restarts += 1
    return restarts


def _kill(both: tuple[Instance, Instance], sent: list[Load]) -> int:
    for instance in both:
        instance.kill()
        _more(sent, DURING)
        instance.restart()
    return len(both)


def _freeze(both: tuple[Instance, Instance], sent: list[Load]) -> int:
    for instance in both:
        instance.send(signal.SIGSTOP)
        try:
            _more(sent, DURING)
        finally:
            instance.send(signal.SIGCONT)
    return len(both)
