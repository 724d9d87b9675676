"""Rule: an incident's cause is one of a runbook's, which has a check and a drill."""

from __future__ import annotations

from collections.abc import Iterator

from app.handbook.documents import drill_results
from app.handbook.documents.document_types import Cause, Runbook
from app.handbook.documents.drill_results import DrillResults
from app.handbook.documents.incident_types import Incident
from app.handbook.documents.library import Library
from app.handbook.rules.finding import ERROR, WARNING, Finding


def check(library: Library) -> Iterator[Finding]:
    """Yield findings of the causes that incidents name."""
    results = drill_results.read(library.root)
    for incident in library.incidents:
        section = incident.section("Cause")
        if section is None or not section.text:
            continue  # another rule says so
        for level, message in _faults(library, results, incident):
            yield Finding(incident.path, section.line, "incident-cause", message, level)


def _faults(
    library: Library, results: DrillResults, incident: Incident
) -> Iterator[tuple[str, str]]:
    """Yield the level of what is wrong with an incident's causes, and what to write."""
    if incident.cause_is_missing:
        yield WARNING, "missing cause: add it to a runbook, with check and drill, and link to it"
    elif not incident.causes:
        yield ERROR, "link to the heading of a runbook's cause, or write `missing cause`"
    for path, heading in incident.causes:
        runbook = library.by_path.get(path)
        if not isinstance(runbook, Runbook):
            continue  # the rule of links says so
        cause = next((c for c in runbook.causes if c.section.id == heading), None)
        if cause is None:
            yield ERROR, f"{path} has no cause {heading[:80]!r}: link to the heading of one"
        elif lacks := _lacks(results, runbook, cause):
            yield WARNING, f"cause {cause.name!r} of {path} has no {lacks} yet: add it"


def _lacks(results: DrillResults, runbook: Runbook, cause: Cause) -> str:
    """Return what a cause still needs, or empty; where nothing is drilled, it needs no drill."""
    if "check" not in cause.fields:
        return "check"
    return "drill" if results.drills and not results.of(runbook, cause) else ""
