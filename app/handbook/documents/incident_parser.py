"""The grammar of incidents: their cause, timeline and actions."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from typing import Any

from app.handbook.documents import link_targets
from app.handbook.documents.document_types import (
    FOLDERS,
    find,
    parse_date,
    severity_in,
)
from app.handbook.documents.incident_types import Action, Event, Incident
from app.handbook.documents.sections import Section

_BULLET = re.compile(r" ?[-*+][ \t]+(.*)")
_TIME = re.compile(
    r"[*`]*(?:(\d{4}-\d\d-\d\d)[T ])?(\d\d):(\d\d)(?::(\d\d))?(?: ?UTC\b|Z\b)", re.ASCII
)
_TASK = re.compile(r"\[([ xX])\][ \t]+(.*)", re.S)
_OWNER = re.compile(r"\(owner:([^()]*)\)\W*\Z", re.I)
_MISSING = re.compile(r"\W*missing cause\b", re.I)
_HALF_A_DAY = datetime.timedelta(hours=12)
_DAY = datetime.timedelta(days=1)


def incident(common: dict[str, Any]) -> Incident:
    """Make an incident.

    Args:
        common: the fields that every document has.
    """
    footer, parts = common["footer"], common["sections"]
    severity = footer["severity"].paragraph if "severity" in footer else ""
    date = parse_date(footer["date"].paragraph) if "date" in footer else None
    why = find(parts, "Cause")
    is_missing = bool(why and _MISSING.match(why.text))
    return Incident(
        **common,
        severity=severity_in(severity),
        causes=() if is_missing else tuple(_causes(common["path"], why)),
        cause_is_missing=is_missing,
        timeline=tuple(_timeline(find(parts, "Timeline"), date)),
        actions=tuple(_actions(find(parts, "Actions"))),
    )


def _causes(path: str, section: Section | None) -> Iterator[tuple[str, str]]:
    """Yield path and heading id of each link to a part of a runbook."""
    for written in section.links if section else ():
        link = link_targets.resolve(path, written.target)
        in_runbook = link.path.startswith(f"{FOLDERS['runbook']}/")
        if link.kind == "document" and in_runbook and link.fragment:
            yield link.path, link.fragment


def _timeline(section: Section | None, date: datetime.date | None) -> Iterator[Event]:
    """Yield the events.

    Args:
        section: their section.
        date: of the first event, if its time has none.
    """
    day = date or datetime.date.min
    before = datetime.datetime.combine(day, datetime.time.min, datetime.UTC)
    for line, text in _bullets(section):
        match = _TIME.match(text)
        at = _time(match, before) if match else None
        yield Event(at, line)
        before = at or before


def _time(match: re.Match[str], before: datetime.datetime) -> datetime.datetime | None:
    """Return the time of an event, or None if there is no such day or time.

    Args:
        match: of `_TIME`.
        before: the time of the event before. A time without a date is on its day, or on the next
            if it would go back by half a day.
    """
    written, *parts = match.groups()
    day = parse_date(written) if written else before.date()
    try:
        hour, minute, second = (int(part or 0) for part in parts)
        time = datetime.time(hour, minute, second)
        at = datetime.datetime.combine(day, time, datetime.UTC) if day else None
        return at + _DAY if at and not written and before - at > _HALF_A_DAY else at
    except (ValueError, OverflowError):  # 25:00, or the day after the last that there is
        return None


def _actions(section: Section | None) -> Iterator[Action]:
    for line, text in _bullets(section):
        if task := _TASK.match(text):
            owner = _OWNER.search(task[2])
            yield Action(owner[1].strip() if owner else "", task[1] != " ", line)


def _bullets(section: Section | None) -> Iterator[tuple[int, str]]:
    """Yield line and text of each bullet of a section, with the lines that continue it."""
    found: list[tuple[int, list[str]]] = []
    prose = section.whole.prose(section.line + 1, section.end) if section else []
    for line, text in prose:
        if match := _BULLET.match(text):
            found.append((line, [match[1]]))
        elif found and text.strip():
            found[-1][1].append(text.strip())
    yield from ((line, " ".join(words)) for line, words in found)
