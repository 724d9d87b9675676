"""Rules for incidents: their sections, times and actions."""

from __future__ import annotations

from collections.abc import Iterator

from app.handbook.documents.incident_types import Incident
from app.handbook.rules import section_rules, team_names
from app.handbook.rules.finding import Finding

SECTIONS = ("Summary", "Timeline", "Cause", "What we learned", "Actions")


def check(incident: Incident) -> Iterator[Finding]:
    """Yield findings in the sections and the footer of one incident."""
    yield from section_rules.check(incident, SECTIONS)
    yield from _footer(incident)
    yield from _timeline(incident)
    yield from _actions(incident)


def _footer(incident: Incident) -> Iterator[Finding]:
    date, severity = incident.footer.get("date"), incident.footer.get("severity")
    if date and incident.last_updated and not incident.slug.startswith(date.paragraph):
        message = (
            f"the file is named {incident.slug[:10]}: begin its name with **Date**, or correct it"
        )
        yield Finding(incident.path, date.line, "incident-date", message)
    if severity and severity.value and not incident.severity:
        message = f"{severity.paragraph[:40]!r} is not a severity: write P1, P2 or P3"
        yield Finding(incident.path, severity.line, "severity", message)


def _timeline(incident: Incident) -> Iterator[Finding]:
    section = incident.section("Timeline")
    if section and section.text and not incident.timeline:
        message = "no times: write each as `- 03:12 UTC: what happened`"
        yield Finding(incident.path, section.line, "timeline", message)
    before = None
    for event in incident.timeline:
        if event.at is None:
            message = "no time: begin with `03:12 UTC`, `03:12:08 UTC` or `2026-01-31 03:12 UTC`"
            yield Finding(incident.path, event.line, "timeline", message)
        elif before and event.at < before:
            message = "earlier than the line above: put them in order"
            yield Finding(incident.path, event.line, "timeline", message)
        before = event.at or before


def _actions(incident: Incident) -> Iterator[Finding]:
    section = incident.section("Actions")
    if section and section.text and not incident.actions:
        message = "write actions as tasks: `- [ ] what is to be done (owner: Platform team)`"
        yield Finding(incident.path, section.line, "actions", message)
    for action in incident.actions:
        if fault := team_names.fault(action.owner) if action.owner else "no owner":
            message = f"{fault}: end the task with `(owner: <team>)`"
            yield Finding(incident.path, action.line, "actions", message)
