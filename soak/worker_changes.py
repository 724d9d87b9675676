"""Workers end and come, releases change: only what a killed worker had in hand fails."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Callable, Mapping, Set
from functools import partial
from pathlib import Path
from typing import Any

from app.releases.serving_pointer import Pointer, write
from soak.figures import Figure, failed_requests, milliseconds
from soak.requests_sent import MIXED
from tools.load_clients import Load, load
from tools.release_changes import change_releases, succeeds, two_releases
from tools.servers import Server, children, gunicorn, wait_until

KEPT, ANEW = 20_000, 4_000
"""At least so many requests over kept connections, and with a connection each."""

CLIENTS, WORKERS = 8, 2
TITLE = "Workers: of two one is killed, both are replaced, one comes and goes; releases change"

KILLS = 3
"""Of a worker, in each round of changes."""

PAUSE = 0.005
"""Seconds between two requests of a client, which leave the processor time for the changes."""

AFTER = 100
"""Requests after a change that still count as during it."""


def run(folder: Path) -> list[Figure]:
    """Go through the changes over kept connections, then with a connection for each request."""
    return [
        *_through_changes(folder / "kept", True, KEPT, "kept connections"),
        *_through_changes(folder / "anew", False, ANEW, "a connection each"),
    ]


def _through_changes(folder: Path, keep: bool, number: int, name: str) -> list[Figure]:
    """Change this and that, over and over, until there were enough requests."""
    folder.mkdir()
    model_dir = two_releases(folder)
    environ: dict[str, Any] = {  # Any: of a dictionary's keys mypy knows no names
        "MODEL_DIR": str(model_dir),
        "WEB_CONCURRENCY": str(WORKERS),
        "LOG_LEVEL": "WARNING",
    }
    in_hand: list[Counter[tuple[str, int | str]]] = []
    rounds = 0
    with gunicorn(folder, **environ) as server:
        _wait_for_workers(server)  # the first answers before the last is begun
        changes: list[Callable[[], None]] = [
            partial(_replace, server, environ),
            partial(_add_and_remove, server, environ),
            partial(succeeds, "model", "promote", "1.1.0", **environ),
            partial(succeeds, "model", "rollback", **environ),
        ]
        with load(server.url, MIXED, CLIENTS, PAUSE, keep) as sent:
            change_releases(server, model_dir, environ)
            write(model_dir, Pointer("1.0.0"))
            while not rounds or sent.total < number:
                rounds += 1
                for change in changes:
                    change()
                in_hand += [_failed_in(sent, partial(_kill, server)) for _ in range(KILLS)]
    return [
        Figure(f"{name}: requests", f"{sent.total:,}"),
        Figure(f"{name}: rounds of changes", str(rounds)),
        *milliseconds(f"{name}: answer", sent.seconds),
        Figure(
            f"{name}: failed when a worker was killed, at most {CLIENTS} each time",
            ", ".join(str(failed.total()) for failed in in_hand),
            broken=any(failed.total() > CLIENTS for failed in in_hand),
        ),
        failed_requests(f"{name}: failed otherwise", sent, but=sum(in_hand, Counter())),
    ]


def _failed_in(sent: Load, change: Callable[[], None]) -> Counter[tuple[str, int | str]]:
    """What fails during a change and right after."""
    before = sent.seen.copy()
    change()
    total = sent.total
    wait_until(lambda: sent.total >= total + AFTER, "answers")
    since = sent.seen.copy() - before  # its clients go on to count
    return Counter({key: number for key, number in since.items() if key[1] != 200})


def _wait_for_workers(server: Server, gone: Set[int] = frozenset()) -> None:
    def there() -> bool:
        now = set(children(server.process.pid))
        return not now & gone and len(now) == WORKERS

    wait_until(there, "the workers")


def _kill(server: Server) -> None:
    worker, *_ = children(server.process.pid)
    os.kill(worker, signal.SIGKILL)
    _wait_for_workers(server, {worker})


def _replace(server: Server, environ: Mapping[str, str]) -> None:
    before = set(children(server.process.pid))
    succeeds("workers", "replace", "--server", str(server.process.pid), **environ)
    _wait_for_workers(server, before)


def _add_and_remove(server: Server, environ: Mapping[str, str]) -> None:
    succeeds("workers", "add", "--server", str(server.process.pid), **environ)
    wait_until(lambda: len(children(server.process.pid)) == WORKERS + 1, "one worker more")
    succeeds("workers", "remove", "--server", str(server.process.pid), **environ)
    _wait_for_workers(server)
