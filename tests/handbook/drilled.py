"""Writes results of drills beside a copy of the sample documents."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from app.handbook.documents import alert_rule_files, drill_results
from app.handbook.documents.library import Library

RUNBOOK = "runbooks/high-api-latency.md"
CAUSES = ("cause-1-the-cache-is-down", "cause-2-too-few-workers")


def check_digest(name: str) -> str:
    """Stand in for the digest of a check's source.

    Raises:
        KeyError: there is no such check.
    """
    return {"cache": "digest of cache", "workers": "digest of workers"}[name]


def drill(folder: Path, cause: str, **changes: Any) -> dict[str, Any]:
    """Return the results of a drill that passed, with changes; its digests are right."""
    runbook = next(r for r in Library(folder).runbooks if r.path == RUNBOOK)
    section = next(c for c in runbook.causes if c.section.id == cause)
    rule = next(r for r in alert_rule_files.read(folder)[0] if r.name == "ChurnApiLatencyHigh")
    return {
        "runbook": runbook.slug,
        "cause": cause,
        "name": section.name,
        "alert": rule.name,
        "check": "cache",
        "commit": "1a2b3c4",
        "at": "2026-11-21T13:05:12Z",
        "passed": True,
        "detect": 6.1,
        "diagnose": 1.2,
        "recover": 14.4,
        "digests": {
            "section": drill_results.section_digest(runbook, section),
            "check": check_digest("cache"),
            "alert": drill_results.alert_digest(rule),
        },
        **changes,
    }


def write_results(folder: Path, *drills: dict[str, Any], cause: str = CAUSES[0]) -> None:
    """Write the results of these drills, or of one that passed."""
    file = folder / drill_results.FILE
    file.parent.mkdir()
    written = {"minute": 1.0, "drills": drills or [drill(folder, cause)]}
    file.write_text(json.dumps(written), "utf-8")
