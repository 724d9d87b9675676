"""Writes below a cause's heading what its last drill proved, and when it happened."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement

from app.handbook.documents.cause_proofs import (
    CHANGED,
    FAILED,
    NEVER,
    PROVEN,
    CauseProof,
    RunbookProof,
)
from app.handbook.documents.document_types import Runbook
from app.handbook.documents.drill_results import Drill
from app.handbook.documents.incident_types import Incident

_CHIPS = {PROVEN: "reviewed", CHANGED: "soon", FAILED: "overdue", NEVER: "plain"}
"""The class of a state's chip."""

_WORDS = {
    PROVEN: "Proven",
    CHANGED: "Changed since it was proven",
    FAILED: "Failed its last drill",
    NEVER: "Never proven by a drill",
}
_PARTS = {"section": "its text", "check": "its check", "alert": "its alert"}
_MINUTE = 60
_PRECISE = 10


def notes(
    runbook: Runbook, proof: RunbookProof, incidents: Sequence[Incident], prefix: str
) -> dict[str, list[Element]]:
    """Return the paragraphs of each cause by the id of its heading.

    Args:
        runbook: whose causes they are.
        proof: of its causes.
        incidents: that its causes led to, the newest first.
        prefix: the service's URL_PREFIX.
    """
    found = {}
    for cause in proof.causes:
        id_ = cause.cause.section.id
        mine = [incident for incident in incidents if (runbook.path, id_) in incident.causes]
        found[id_] = [_proof(cause, proof.minute)]
        if mine:
            found[id_].append(_happened(mine, prefix))
    return found


def _proof(cause: CauseProof, minute: float) -> Element:
    line = Element("p", {"class": "proof"})
    chip = SubElement(line, "span", {"class": f"chip {_CHIPS[cause.state]}"})
    chip.text = _WORDS[cause.state]
    drill = cause.drill
    if drill is None:
        return line
    chip.tail = " " if cause.state == PROVEN else " on "
    when = _date(line, drill.at)
    when.tail = ", commit "
    code = SubElement(line, "code")
    code.text = drill.commit
    if cause.state == CHANGED:
        code.tail = ": " + ", ".join(_PARTS[part] for part in cause.changed)
    elif cause.state == PROVEN and drill.recover is not None:
        code.tail = f", recovered in {_seconds(drill.recover)}. "
        SubElement(line, "span", {"class": "note"}).text = _details(drill, minute)
    return line


def _details(drill: Drill, minute: float) -> str:
    """Return how long the rest took; the alert's time is scaled, and says so."""
    words = []
    if drill.detect is not None:
        scale = "" if minute == _MINUTE else f", with {minute:g} s for each minute in the rules"
        words.append(f"Detected in {_seconds(drill.detect)}{scale}.")
    if drill.diagnose is not None:
        words.append(f"Diagnosed in {_seconds(drill.diagnose)}.")
    return " ".join(words)


def _happened(incidents: Sequence[Incident], prefix: str) -> Element:
    count = len(incidents)
    line = Element("p", {"class": "happened"})
    line.text = "Happened once, on " if count == 1 else f"Happened {count} times, last "
    for number, incident in enumerate(incidents):
        link = SubElement(line, "a", {"href": prefix + incident.url, "title": incident.title})
        if incident.last_updated:
            _date(link, incident.last_updated)
        else:
            link.text = incident.title
        link.tail = "." if number == count - 1 else ", before on " if number == 0 else ", "
    return line


def _date(parent: Element, day: datetime.date) -> Element:
    time = SubElement(parent, "time", {"datetime": day.isoformat()})
    time.text = f"{day.day} {day:%b %Y}"
    return time


def _seconds(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds >= _PRECISE else f"{seconds:.1f} s"
