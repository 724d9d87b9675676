"""The frames around a runbook's steps and causes: tick box, verdict, and where the solution is."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, SubElement

from app.handbook.documents.document_types import Cause, Document, Runbook

_DIAGNOSTIC = re.compile(r"churn diagnose ([a-z]+(?:[.-][a-z]+)*)")


def frames(document: Document) -> dict[str, Element]:
    """Make the section around each step and cause, by the id of its heading."""
    made: dict[str, Element] = {}
    if isinstance(document, Runbook):
        for step in document.steps:
            frame = made[step.section.id] = Element("section", {"class": "step"})
            _tick(frame, " Done")
        for cause in document.causes:
            frame = made[cause.section.id] = Element("section", {"class": "cause"})
            _tick(frame, " Set aside")
            if check := diagnostic(cause):
                verdict = SubElement(frame, "p", {"class": "verdict", "data-check": check})
                SubElement(verdict, "span", {"class": "chip plain"}).text = "Not run"
    return made


def mark_solution(frame: Element, heading: str) -> None:
    """Give a cause's Solution an id: the page leads there. No heading's id has a dot."""
    for words in frame.iter("strong"):
        if (words.text or "").strip(": ").lower() == "solution":
            words.set("id", f"{heading}.solution")
            return


def diagnostic(cause: Cause) -> str | None:
    """Return the name of the service's check for this cause, if it has one."""
    field = cause.fields.get("check")
    match = _DIAGNOSTIC.search(field.value) if field else None
    return match[1] if match else None


def _tick(frame: Element, words: str) -> None:
    """Make the reader's tick box, whose state the browser stores."""
    label = SubElement(frame, "label", {"class": "done"})
    SubElement(label, "input", type="checkbox").tail = words
