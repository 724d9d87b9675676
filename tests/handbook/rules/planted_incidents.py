"""The violations that tests plant in the sample's incident and in results of drills."""

from __future__ import annotations

from pathlib import Path

from tests.handbook.drilled import write_results
from tests.handbook.rules.planted import RUNBOOK, Plant, emptied, moved, swap, without

INCIDENT = "incidents/2026-11-12-slow-lookups.md"
RESULTS = "drills/results.json"
HEADING = "#cause-1-the-cache-is-down"


def damaged_results(folder: Path) -> None:
    """Write what a merge leaves."""
    (folder / RESULTS).parent.mkdir()
    (folder / RESULTS).write_text("<<<<<<< HEAD\n", "utf-8")


def another_cause_drilled(folder: Path) -> None:
    """Drill a cause that isn't the incident's."""
    write_results(folder, cause="cause-2-too-few-workers")


PLANTED_INCIDENTS: list[tuple[str, str, str, Plant]] = [
    ("name", "error", "incidents/slow.md", moved(INCIDENT, "incidents/slow.md")),
    ("title", "error", INCIDENT, swap(INCIDENT, "# Incident: ", "# ")),
    *[
        ("section", "error", INCIDENT, plant(INCIDENT, f"## {title}"))
        for title in ("Summary", "Timeline", "Cause", "What we learned", "Actions")
        for plant in (without, emptied)
    ],
    ("footer", "error", INCIDENT, swap(INCIDENT, "**Severity**: P2", "")),
    ("severity", "error", INCIDENT, swap(INCIDENT, "**Severity**: P2", "**Severity**: high")),
    ("owner", "error", INCIDENT, swap(INCIDENT, "r**: Platform team", "r**: Jane Doe")),
    ("date", "error", INCIDENT, swap(INCIDENT, "**Date**: 2026-11-12", "**Date**: last week")),
    ("incident-date", "error", INCIDENT, swap(INCIDENT, "e**: 2026-11-12", "e**: 2026-11-11")),
    ("timeline", "error", INCIDENT, swap(INCIDENT, "\n- ", "\n")),
    ("timeline", "error", INCIDENT, swap(INCIDENT, "23:58:30 UTC", "23:58:30")),
    ("timeline", "error", INCIDENT, swap(INCIDENT, "23:58:30 UTC", "23:61 UTC")),
    ("timeline", "error", INCIDENT, swap(INCIDENT, "23:58:30 UTC", "23:54:59 UTC")),
    ("timeline", "error", INCIDENT, swap(INCIDENT, "2026-11-13 00:15", "2026-11-12 00:15")),
    ("incident-cause", "error", INCIDENT, swap(INCIDENT, "(../runbooks/", "(https://x.org/")),
    ("incident-cause", "error", INCIDENT, swap(INCIDENT, HEADING, "")),
    ("incident-cause", "error", INCIDENT, swap(INCIDENT, HEADING, "#impact")),
    ("incident-cause", "warning", INCIDENT, swap(INCIDENT, "[The cache", "Missing cause. [It")),
    ("incident-cause", "warning", INCIDENT, swap(RUNBOOK, "**Check**: `churn", "`churn")),
    ("incident-cause", "warning", INCIDENT, another_cause_drilled),
    ("anchor", "error", INCIDENT, swap(INCIDENT, HEADING, "#cause-9")),
    ("actions", "error", INCIDENT, swap(INCIDENT, "- [", "- x[")),
    ("actions", "error", INCIDENT, swap(INCIDENT, " (owner: Machine learning team)", "")),
    ("actions", "error", INCIDENT, swap(INCIDENT, "owner: Machine learning team", "owner: TBD")),
    ("unfilled", "error", INCIDENT, swap(INCIDENT, "the cache was", "<what happened> was")),
    ("drill-results", "error", RESULTS, damaged_results),
]
