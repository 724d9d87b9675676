"""Named, read-only checks of the running system: what is wrong, and what isn't.

Each measures one part against a threshold and says both. `churn diagnose` runs them from a shell,
`GET /diagnostics` over HTTP. A runbook's causes name one under **Check**.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click
import marshmallow as ma
from flask.cli import with_appcontext
from marshmallow import fields

from app.access import scope
from app.arguments import Blueprint
from app.customers import Unavailable, store
from app.problems import Problem
from app.releases import releases

BUSY = 0.85
"""Share of a second that a worker may compute before requests queue behind it."""

SLOW_DATABASE = 0.25
"""Seconds for a query that reads no table."""

SLOW_CACHE = 0.1
"""Seconds for a ping."""

SAMPLE = 1.0
"""Seconds over which the workers' processor time is taken."""


@dataclass(frozen=True)
class Verdict:
    """What a check found: `ok`, and the measurement against its threshold in words."""

    ok: bool
    measured: str
    threshold: str


def model() -> Verdict:
    """Is a release in service, does it still give its stored scores, is none refused?"""
    known = releases()
    threshold = "a release in service, its self-test right, no release refused"
    if known.serving is None:
        measured = "no release is in service"
    elif failures := known.serving.scorecard.verify():
        measured = f"release {known.serving.version}: {failures[0]}"
    else:
        measured = f"release {known.serving.version} in service, self-test right"
    refused = [f"{version} refused: {why}" for version, why in sorted(known.refused.items())]
    ok = measured.endswith("self-test right") and not refused
    return Verdict(ok, "; ".join([measured, *refused]), threshold)


def saturation() -> Verdict:
    """Do all workers of a server of ours compute all the time?"""
    threshold = f"in each server a worker below {BUSY:.0%} of one processor"
    workers = _workers()
    if not workers:
        return Verdict(True, "no worker of the service runs on this machine", threshold)
    before = {pid: _processor_seconds(pid) for pid in workers}
    started = time.monotonic()
    time.sleep(SAMPLE)
    passed = time.monotonic() - started
    servers: dict[int, list[float]] = {}
    for pid, server in workers.items():
        share = (_processor_seconds(pid) - before[pid]) / passed
        servers.setdefault(server, []).append(share)
    measured = "; ".join(
        f"server {server}: workers at " + ", ".join(f"{share:.0%}" for share in sorted(shares))
        for server, shares in sorted(servers.items())
    )
    return Verdict(all(min(s) < BUSY for s in servers.values()), measured, threshold)


def database() -> Verdict:
    """Does the database answer a query, and quickly?"""
    return _timed(store().ping, SLOW_DATABASE)


def cache() -> Verdict:
    """Does the cache answer?"""
    return _timed(store().cache.ping, SLOW_CACHE)


def _timed(ask: Callable[[], None], limit: float) -> Verdict:
    threshold = f"an answer within {limit * 1000:.0f} ms"
    try:
        ask()  # the first connects
        started = time.perf_counter()
        ask()
    except Unavailable as error:
        return Verdict(False, str(error), threshold)
    taken = time.perf_counter() - started
    return Verdict(taken < limit, f"answered in {taken * 1000:.1f} ms", threshold)


CHECKS: dict[str, Callable[[], Verdict]] = {
    "model": model,
    "database": database,
    "cache": cache,
    "saturation": saturation,
}


def _workers(proc: Path = Path("/proc")) -> dict[int, int]:
    """Gunicorn's workers by process id, and their server's: a parent that is a gunicorn too."""
    parents = {}
    for folder in proc.glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes()
            if b"gunicorn" in command and b"wsgi:app" in command:
                parents[int(folder.name)] = int(_statistics(int(folder.name))[1])
        except OSError:  # it ended meanwhile
            continue
    return {pid: parent for pid, parent in parents.items() if parent in parents}


def _processor_seconds(pid: int) -> float:
    try:
        user, system = _statistics(pid)[11:13]
    except OSError:
        return 0.0
    return (int(user) + int(system)) / 100  # ticks of a hundredth on every Linux we run on


def _statistics(pid: int) -> list[str]:
    """Fields of proc(5)'s stat from the third on; the second may hold blanks."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


blp = Blueprint(
    "diagnostics",
    __name__,
    url_prefix="/diagnostics",
    description="Read-only checks of the running system",
)


class Diagnosis(ma.Schema):
    """What one check found."""

    name = fields.String(
        required=True, metadata={"description": "The check", "examples": ["database"]}
    )
    ok = fields.Boolean(
        required=True, metadata={"description": "Nothing is wrong here", "examples": [True]}
    )
    measured = fields.String(
        required=True,
        metadata={"description": "What was found", "examples": ["answered in 0.4 ms"]},
    )
    threshold = fields.String(
        required=True,
        metadata={"description": "What is expected", "examples": ["an answer within 250 ms"]},
    )


class Diagnoses(ma.Schema):
    """What every check found."""

    ok = fields.Boolean(
        required=True, metadata={"description": "Nothing is wrong anywhere", "examples": [True]}
    )
    checks = fields.List(
        fields.Nested(Diagnosis), required=True, metadata={"description": "Every check"}
    )


@blp.route("")
@scope("operate")
@blp.doc(operationId="diagnose")
@blp.response(200, Diagnoses)
def index() -> dict[str, Any]:
    """Run every check."""
    found = [diagnose(name) for name in CHECKS]
    return {"ok": all(check["ok"] for check in found), "checks": found}


@blp.route(
    "/<name>",
    parameters=[
        {
            "in": "path",
            "name": "name",
            "required": True,
            "description": f"The check: one of {', '.join(CHECKS)}",
            "schema": {"type": "string"},
            "example": "model",
        }
    ],
)
@scope("operate")
@blp.doc(operationId="diagnoseOne")
@blp.response(200, Diagnosis)
@blp.alt_response(404, "NOT_FOUND")
def show(name: str) -> dict[str, Any]:
    """Run one check."""
    if name not in CHECKS:
        raise Problem("not-found", f"There is no check of that name; there are {', '.join(CHECKS)}")
    return diagnose(name)


def diagnose(name: str) -> dict[str, Any]:
    """Run one check by name."""
    return {"name": name, **asdict(CHECKS[name]())}


@click.command("diagnose")
@click.argument("names", nargs=-1, type=click.Choice(list(CHECKS)), metavar="[NAME]...")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@with_appcontext
def command(names: tuple[str, ...], as_json: bool) -> None:
    """Say what is wrong, and what isn't; exit status 1 where something is."""
    found = [diagnose(name) for name in names or CHECKS]
    if as_json:
        click.echo(json.dumps(found, indent=2))
    else:
        for check in found:
            state = "ok     " if check["ok"] else "FINDING"
            click.echo(
                f"{state}  {check['name']}: {check['measured']} (expected: {check['threshold']})"
            )
    raise SystemExit(0 if all(check["ok"] for check in found) else 1)
