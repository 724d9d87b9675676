"""The state of alerts, as Prometheus reports it."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from app.resilience.bounded_http import read
from app.resilience.bulkhead import Bulkhead
from app.resilience.deadline import TimeLimited
from app.resilience.time_limits import LIMITS
from app.resilience.unavailable import DependencyUnavailable

MAX_QUESTIONS = 4
"""Concurrent questions, including those given up that have not ended."""

READERS = 2
"""Requests at a time that wait for Prometheus."""

UNKNOWN = "no rule"
NOT_AVAILABLE = "not available"
_ORDER = ("inactive", "pending", "firing")


@dataclass(frozen=True)
class AlertState:
    """The state of an alert."""

    state: str
    """`firing`, `pending`, `inactive`, or why it is unknown."""

    since: str | None = None
    """When its condition began to hold, as Prometheus writes it (ISO 8601, UTC)."""


class AlertStates:
    """Asks Prometheus for the state of alerts, within a time limit.

    Neither resolving a name nor a header that trickles in has a limit of its own.

    Args:
        address: of Prometheus, such as `http://prometheus:9090`; empty if there is none.
        seconds: for the whole answer.
    """

    def __init__(self, address: str, seconds: float = LIMITS.alerts) -> None:
        self.address = address
        failures = (OSError, ValueError, http.client.HTTPException)
        self._limited = TimeLimited("alerts", seconds, failures, MAX_QUESTIONS)
        self._readers = Bulkhead("alerts", READERS)

    def states(self, alerts: Iterable[str]) -> dict[str, AlertState]:
        """Return each alert's state by its name."""
        try:
            known = self._rules()
        except (DependencyUnavailable, KeyError, ValueError, RecursionError):
            return dict.fromkeys(alerts, AlertState(NOT_AVAILABLE))
        return {alert: known.get(alert, AlertState(UNKNOWN)) for alert in alerts}

    def _rules(self) -> dict[str, AlertState]:
        """Return the state of each alert rule by name; of several the most urgent.

        Raises:
            DependencyUnavailable, KeyError, ValueError, RecursionError: no answer, or not
                Prometheus' answer.
        """
        if not self.address:
            raise DependencyUnavailable("alerts: PROMETHEUS_URL is not set")
        url = f"{self.address.rstrip('/')}/api/v1/rules?type=alert"
        with self._readers.place():
            body = self._limited(lambda: read(url, self._limited.seconds))
        found: dict[str, AlertState] = {}
        for rule in _rule_entries(json.loads(body)):
            name, state = str(rule.get("name")), str(rule.get("state"))
            known = found.get(name)
            if state in _ORDER and (not known or _ORDER.index(state) > _ORDER.index(known.state)):
                found[name] = AlertState(state, _since(rule, state))
        return found


def _rule_entries(answer: Any) -> list[dict[str, Any]]:
    """Return the rules in Prometheus' answer.

    Raises:
        ValueError: the answer has another shape.
    """
    try:
        return [dict(rule) for group in answer["data"]["groups"] for rule in group["rules"]]
    except (KeyError, TypeError) as error:
        raise ValueError(error) from None


def _since(rule: dict[str, Any], state: str) -> str | None:
    """Return when the first of a rule's alerts in this state began."""
    alerts = rule.get("alerts")
    found = [a for a in alerts if isinstance(a, dict)] if isinstance(alerts, list) else []
    return min((str(a["activeAt"]) for a in found if a.get("state") == state), default=None)
