"""`churn workers`: see and steer the worker processes of a running server."""

from __future__ import annotations

import os
import signal

import click

from app.diagnostics import processes

SIGNALS = {"add": signal.SIGTTIN, "remove": signal.SIGTTOU, "replace": signal.SIGHUP}
"""What gunicorn understands."""


@click.command("workers")
@click.argument("change", required=False, type=click.Choice(list(SIGNALS)))
@click.option("--server", type=int, metavar="PID", help="Which, where there are several.")
def command(change: str | None, server: int | None) -> None:
    """List the workers of the running server, or add, remove or replace workers.

    It finds the server that was started with this DATABASE_URL, CACHE_URL and MODEL_DIR. Requests
    that a worker holds are answered before it ends.
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
