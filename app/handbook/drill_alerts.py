"""Drills in Alertmanager: alerts that are sent to practise, and say so."""

from __future__ import annotations

import datetime
import http.client
import json
from collections.abc import Container
from dataclasses import dataclass
from urllib.parse import quote

from app.handbook.documents.alert_rule_files import AlertRule
from app.resilience.bounded_http import read
from app.resilience.bulkhead import Bulkhead
from app.resilience.deadline import TimeLimited
from app.resilience.time_limits import LIMITS
from app.resilience.unavailable import DependencyUnavailable

MAX_CALLS = 4
"""Concurrent calls, including those given up that have not ended."""

READERS = 2
"""Requests at a time that wait for Alertmanager."""

FAILURES = (OSError, ValueError, http.client.HTTPException)
"""No answer, or none of Alertmanager's."""

_DRILL = {"drill": "true"}
_DESCRIPTION = (
    "This alert was sent for practice; no fault was measured. "
    "Work through the runbook as in an incident."
)


@dataclass(frozen=True)
class Drill:
    """An alert that was sent to practise."""

    alert: str
    since: str
    """ISO 8601, UTC."""


class Alertmanager:
    """Sends drills, and asks for those that are active.

    Args:
        address: of Alertmanager, such as `http://alertmanager:9093`; empty if there is none.
        seconds: for a whole answer.
    """

    def __init__(self, address: str, seconds: float = LIMITS.alerts) -> None:
        self.address = address
        self._limited = TimeLimited("drills", seconds, FAILURES, MAX_CALLS)
        self._readers = Bulkhead("drills", READERS)

    def drill(self, alerts: Container[str]) -> Drill | None:
        """Return the active drill of one of these alerts, or None; also if nobody answers."""
        if not self.address:
            return None
        try:
            with self._readers.place():
                found = self._limited(lambda: self._active(self._limited.seconds))
        except (DependencyUnavailable, RecursionError):
            return None
        return next((drill for drill in found if drill.alert in alerts), None)

    def send(
        self, rule: AlertRule, start: datetime.datetime, end: datetime.datetime, seconds: float
    ) -> None:
        """Send an alert that is a drill, or end it.

        It has no `job`: so it neither joins the group of a real alert nor silences one.

        Raises:
            DependencyUnavailable, OSError, ValueError, http.client.HTTPException: it isn't sent.
        """
        summary = f"DRILL: {rule.summary or rule.name}"
        alert = {
            "labels": {"alertname": rule.name, "severity": rule.severity} | _DRILL,
            "annotations": {**rule.annotations, "summary": summary, "description": _DESCRIPTION},
            "startsAt": start.isoformat(),
            "endsAt": end.isoformat(),
        }
        body = json.dumps([alert]).encode()
        self._limited.run(lambda: read(f"{self.address}/api/v2/alerts", seconds, body), seconds)

    def active(self, seconds: float) -> list[Drill]:
        """Return the active drills.

        Raises:
            DependencyUnavailable, OSError, ValueError, http.client.HTTPException: nobody knows.
        """
        return self._limited.run(lambda: self._active(seconds), seconds)

    def _active(self, seconds: float) -> list[Drill]:
        words = quote('drill="true"')
        answer = json.loads(read(f"{self.address}/api/v2/alerts?filter={words}", seconds))
        try:
            return [Drill(str(a["labels"]["alertname"]), _time(a["startsAt"])) for a in answer]
        except (KeyError, TypeError) as error:
            raise ValueError(error) from None


def _time(written: str) -> str:
    time = datetime.datetime.fromisoformat(written).astimezone(datetime.UTC)
    return time.isoformat(timespec="seconds").replace("+00:00", "Z")
