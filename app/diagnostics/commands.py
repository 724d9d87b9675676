"""`churn diagnose` and `churn workers`."""

from __future__ import annotations

import json
import os
import signal
from time import perf_counter

import click
from flask.cli import with_appcontext

from app.diagnostics import processes
from app.diagnostics.checks import CHECKS
from app.services import services


@click.command("diagnose", epilog="Example: churn diagnose database cache")
@click.argument("names", nargs=-1, type=click.Choice(list(CHECKS)), metavar="[NAME]...")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@with_appcontext
def diagnose_command(names: tuple[str, ...], as_json: bool) -> None:
    """Check the parts of the service.

    Exit status 1: a check found something.
    """
    found = services().checks.results(names or CHECKS, perf_counter())
    if as_json:
        click.echo(json.dumps(found, indent=2))
    else:
        for check in found:
            state = "ok     " if check["ok"] else "FINDING"
            click.echo(
                f"{state}  {check['name']}: {check['measured']} (expected: {check['threshold']})"
            )
    raise SystemExit(0 if all(check["ok"] for check in found) else 1)


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
