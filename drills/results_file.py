"""Writes `drills/results.json`: what the drills observed, and digests of what they proved."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from app.diagnostics.checks import check_digest
from app.handbook.documents import alert_rule_files
from app.handbook.documents.drill_results import FILE, alert_digest, section_digest
from app.writing.atomic_files import atomic_write
from drills import reader
from drills.checkout import git
from drills.drill import Outcome
from drills.watching import MINUTE
from tools.servers import ROOT

RULES = "deploy/prometheus/alerts.yml"
BUILT = ROOT / "build" / "drills.json"
"""Where CI writes its results: the committed ones are those that documents quote."""


def record(
    path: Path,
    outcomes: Sequence[Outcome],
    blind: Mapping[str, Any] | None = None,
) -> None:
    """Put new results into the file, in the place of older ones of the same causes.

    Args:
        path: the file; it need not exist.
        outcomes: of drills.
        blind: of blind rounds, in the place of older ones of the same seed; None leaves all.
    """
    known = json.loads(path.read_text("utf-8")) if path.is_file() else {"drills": []}
    drills = {(d["runbook"], d["cause"]): d for d in known["drills"]}
    drills |= {(o.runbook, o.cause): entry(o) for o in outcomes}
    present = {
        (runbook.slug, cause.section.id)
        for runbook in reader.alerting(ROOT)
        for cause in runbook.causes
    }
    known["drills"] = [drills[key] for key in sorted(drills) if key in present]
    known |= {"commit": commit(), "at": stamp(datetime.now(UTC)), "minute": MINUTE}
    if blind is not None:
        others = [rounds for rounds in known.get("blind", []) if rounds["seed"] != blind["seed"]]
        known["blind"] = [*others, blind]
    path.parent.mkdir(exist_ok=True)
    with atomic_write(path) as file:
        file.write(json.dumps(known, indent=1, sort_keys=True) + "\n")


def entry(outcome: Outcome) -> dict[str, Any]:
    """Return the JSON of a drill."""
    return {
        "runbook": outcome.runbook,
        "cause": outcome.cause,
        "name": outcome.name,
        "alert": outcome.fault.alert,
        "check": outcome.check,
        "fault": outcome.fault.words,
        "commit": commit(),
        "at": stamp(outcome.at),
        "passed": outcome.passed,
        "tries": outcome.tries,
        "detect": _rounded(outcome.detect),
        "diagnose": _rounded(outcome.diagnose),
        "recover": _rounded(outcome.recover),
        "requests": outcome.requests,
        "lost": outcome.lost,
        "verdicts": outcome.verdicts,
        "digests": digests(outcome.runbook, outcome.cause, outcome.check, outcome.fault.alert),
    }


def digests(slug: str, heading: str, check: str, alert: str) -> dict[str, str]:
    """Return the digests of a cause's section, its check and its alert."""
    runbook = reader.read(ROOT, slug)
    cause = next((c for c in runbook.causes if c.section.id == heading), None)
    rules, _ = alert_rule_files.read(ROOT)
    rule = next((r for r in rules if r.path == RULES and r.name == alert), None)
    return {
        "section": section_digest(runbook, cause) if cause else "",
        "check": check_digest(check),
        "alert": alert_digest(rule) if rule else "",
    }


@cache
def commit() -> str:
    """Return the abbreviated commit of the repository, as it was when drills began."""
    return git(ROOT, "rev-parse", "--short=7", "HEAD")


def stamp(moment: datetime) -> str:
    """Write a moment as results do."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 1)


COMMITTED = ROOT / FILE
