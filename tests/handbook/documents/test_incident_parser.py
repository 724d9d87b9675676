"""An incident's text is an object: cause, timeline, actions, duration."""

from __future__ import annotations

import datetime

import pytest

from app.handbook.documents import document_parser
from app.handbook.documents.incident_types import Incident
from app.handbook.documents.library import Library
from app.handbook.documents.source import decode
from tests.handbook.conftest import SAMPLE


def parse(text: str) -> Incident:
    path = "incidents/2026-11-12-a.md"
    found = document_parser.parse("incident", "2026-11-12-a", path, decode(text.encode()))
    assert isinstance(found, Incident)
    return found


def times(*lines: str, footer: str = "**Date**: 2026-11-12") -> list[str | None]:
    """When the events were, on these lines of a timeline."""
    bullets = "\n".join(f"- {line}" for line in lines)
    found = parse(f"# Incident: A\n## Timeline\n{bullets}\n\n---\n\n{footer}\n").timeline
    return [event.at.strftime("%d %H:%M:%S") if event.at else None for event in found]


def test_an_incident_is_an_object() -> None:
    (incident,) = Library(SAMPLE).incidents
    assert (incident.title, incident.severity) == ("Lookups by id were slow", "P2")
    assert incident.url == "/incidents/2026-11-12-slow-lookups"
    assert incident.last_updated == datetime.date(2026, 11, 12)
    assert incident.review_by is None
    assert incident.causes == (("runbooks/high-api-latency.md", "cause-1-the-cache-is-down"),)
    assert incident.duration == datetime.timedelta(minutes=20)
    assert [(a.owner, a.done) for a in incident.actions] == [
        ("Platform team", True),
        ("Machine learning team", False),
    ]
    assert incident.is_open


def test_a_time_of_day_after_midnight_is_the_next_day_s() -> None:
    assert times("23:55 UTC: a", "00:04:30 UTC b", "`00:05 UTC`, c") == [
        "12 23:55:00",
        "13 00:04:30",
        "13 00:05:00",
    ]


def test_a_time_may_have_its_date() -> None:
    assert times("2026-11-10 08:00 UTC: a", "2026-11-11T09:00:01Z b", "**10:00 UTC**: c") == [
        "10 08:00:00",
        "11 09:00:01",
        "11 10:00:00",
    ]


@pytest.mark.parametrize(
    "line",
    [
        "at noon: a",
        "12:00: which zone?",
        "24:00 UTC: a",
        "2026-02-30 12:00 UTC: a",
        "\u0661\u0662:00 UTC: a",
        "12:00 UTCx",
    ],
)
def test_what_is_no_time_is_none(line: str) -> None:
    assert times("11:00 UTC: before", line) == ["12 11:00:00", None]


def test_no_day_follows_the_last() -> None:
    assert times("23:00 UTC: a", "01:00 UTC: b", footer="**Date**: 9999-12-31")[1] is None


def test_a_detail_below_an_event_is_part_of_it() -> None:
    assert times("11:00 UTC: a\n  - 10:00 in New York") == ["12 11:00:00"]


@pytest.mark.parametrize(
    ("text", "causes", "missing"),
    [
        ("[A](../runbooks/b.md#cause-1-a)", [("runbooks/b.md", "cause-1-a")], False),
        ("See [A](../adrs/001-a.md#x), [B](../runbooks/b.md#c).", [("runbooks/b.md", "c")], False),
        (
            "[A](../runbooks/b.md#c) and [B](../runbooks/d.md#e)",
            [("runbooks/b.md", "c"), ("runbooks/d.md", "e")],
            False,
        ),
        ("[A](../runbooks/b.md)", [], False),
        ("[A](https://example.org/runbooks/b.md#c)", [], False),
        ("missing cause", [], True),
        ("**Missing cause**: near to [A](../runbooks/b.md#c)", [], True),
        ("we don't know", [], False),
    ],
)
def test_causes_are_links_or_missing(
    text: str, causes: list[tuple[str, str]], missing: bool
) -> None:
    incident = parse(f"# Incident: A\n## Cause\n{text}\n")
    assert ([*incident.causes], incident.cause_is_missing) == (causes, missing)
    assert incident.is_open == (not causes)


def test_an_empty_incident_is_one() -> None:
    """The rules say what is missing."""
    incident = parse("# Incident: A\n")
    assert (incident.timeline, incident.actions, incident.duration) == ((), (), None)
