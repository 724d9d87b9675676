"""`churn diagnose` and `churn workers`."""

from __future__ import annotations

import json
import os
import signal
from datetime import UTC, datetime
from time import perf_counter
from typing import Any

import click
from flask.cli import with_appcontext

from app.diagnostics import processes
from app.diagnostics.check_runs import verdict
from app.diagnostics.checks import GROUPS, names, of
from app.services import services


@click.command(epilog="Example: churn diagnose database cache.down")
@click.argument("chosen", nargs=-1, type=click.Choice([*GROUPS, *names()]), metavar="[NAME]...")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@with_appcontext
def diagnose(chosen: tuple[str, ...], as_json: bool) -> None:
    """Check what may be wrong with the service.

    NAME is a check such as database.locks, or a group such as database; without one all checks run.
    Each cause in a runbook has its own. Exit status 1: a check found something; 2: none did, but
    one failed itself, or hangs.
    """
    wanted = dict.fromkeys(check for name in chosen or GROUPS for check in of(name))
    found = services().checks.results(wanted, perf_counter())
    if as_json:
        click.echo(json.dumps(found, indent=2))
    else:
        for check in found:
            click.echo(_line(check))
    raise SystemExit({True: 0, False: 1, None: 2}[verdict(found)])


def _line(check: dict[str, Any]) -> str:
    state = {True: "ok     ", False: "FINDING", None: "UNKNOWN"}[check["ok"]]
    since = f", since {_time(check['since'])} UTC" if check["since"] else ""
    measured, threshold = check["measured"], check["threshold"]
    return f"{state}  {check['name']}: {measured}{since} (expected: {threshold})"


def _time(since: str) -> str:
    """Return the time of day, and the date unless it is today's."""
    day, _, time = since.removesuffix("Z").partition("T")
    return time if day == datetime.now(UTC).date().isoformat() else f"{day} {time}"


SIGNALS = {"add": signal.SIGTTIN, "remove": signal.SIGTTOU, "replace": signal.SIGHUP}
"""Signals to gunicorn."""


@click.command("workers", epilog="Example: churn workers add")
@click.argument("change", required=False, type=click.Choice(list(SIGNALS)))
@click.option("--server", type=int, metavar="PID", help="The server, if there are several.")
def workers(change: str | None, server: int | None) -> None:
    """List, add, remove or replace workers.

    Finds the server that was started with this DATABASE_URL, CACHE_URL and MODEL_DIR. A worker
    finishes its requests before it ends. Replacing them keeps their number.
    """
    servers: dict[int, list[int]] = {}
    for worker, parent in sorted(processes.workers().items()):
        servers.setdefault(parent, []).append(worker)
    if server is not None:
        servers = {pid: workers for pid, workers in servers.items() if pid == server}
    if not servers:
        raise click.ClickException(
            "no server runs here with this DATABASE_URL, CACHE_URL and MODEL_DIR"
        )
    if change and len(servers) > 1:
        raise click.UsageError(f"--server: give one of {', '.join(map(str, servers))}")
    for pid, workers in servers.items():
        if change:
            os.kill(pid, SIGNALS[change])
        told = f", told to {change}" if change else ""
        click.echo(f"server {pid}: workers {', '.join(map(str, workers))}{told}")
