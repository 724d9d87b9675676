"""An incident as an object, with its timeline and actions."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from app.handbook.documents.document_types import Document


@dataclass(frozen=True)
class Event:
    """An entry of an incident's timeline."""

    at: datetime.datetime | None
    """In UTC; None if the entry begins with no time."""

    line: int


@dataclass(frozen=True)
class Action:
    """A task that an incident led to."""

    owner: str
    """The team, or empty."""

    done: bool
    line: int


@dataclass(frozen=True)
class Incident(Document):
    """What happened, why, and what is done about it."""

    severity: str
    """P1, P2, P3 or empty."""

    causes: tuple[tuple[str, str], ...]
    """The path of a runbook and the id of its cause's heading, for each that it links to."""

    cause_is_missing: bool
    """Whether it says that no runbook has its cause, whatever it links to."""

    timeline: tuple[Event, ...]
    actions: tuple[Action, ...]

    @property
    def is_open(self) -> bool:
        """Whether its cause is missing or an action isn't done."""
        return not self.causes or not all(action.done for action in self.actions)

    @property
    def duration(self) -> datetime.timedelta | None:
        """The time from the first to the last event, if there are two."""
        times = [event.at for event in self.timeline if event.at]
        return times[-1] - times[0] if len(times) > 1 and times[-1] >= times[0] else None
