"""The state of alerts as Prometheus knows it, asked with a time limit of its own."""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Iterable
from typing import Any

from app.resilience.deadline import BoundedCalls
from app.resilience.time_limits import LIMITS
from app.resilience.unavailable import DependencyUnavailable

SIZE_LIMIT = 4 * 1024 * 1024

MAX_QUESTIONS = 4
"""Questions at a time, those included that were given up and have not ended."""

_calls = BoundedCalls("alerts", MAX_QUESTIONS)

_FAILURES = (
    DependencyUnavailable,
    OSError,
    ValueError,
    RecursionError,
    http.client.HTTPException,
)

UNKNOWN = "no rule"
NOT_AVAILABLE = "not available"


def states(address: str, alerts: Iterable[str], seconds: float = LIMITS.alerts) -> dict[str, str]:
    """Each alert's state: `firing`, `pending`, `inactive`, `no rule` or `not available`.

    Args:
        address: of Prometheus, such as `http://prometheus:9090`; empty where there is none.
        alerts: the names of alert rules.
        seconds: for the whole answer.
    """
    try:
        known = _rules(address, seconds) if address else None
    except _FAILURES:
        known = None
    if known is None:
        return dict.fromkeys(alerts, NOT_AVAILABLE)
    return {alert: known.get(alert, UNKNOWN) for alert in alerts}


def _rules(address: str, seconds: float) -> dict[str, str]:
    """The state of each alert rule by name; of rules with one name the most urgent counts."""
    url = f"{address.rstrip('/')}/api/v1/rules?type=alert"
    # Neither the look-up of a name nor a header that trickles has a limit of its own.
    body = _calls.run(lambda: _read(url, seconds), seconds)
    found: dict[str, str] = {}
    order = ("inactive", "pending", "firing")
    for rule in _rule_entries(json.loads(body)):
        name, state = str(rule.get("name")), str(rule.get("state"))
        if state in order and order.index(state) >= order.index(found.get(name, "inactive")):
            found[name] = state
    return found


def _rule_entries(answer: Any) -> list[dict[str, Any]]:
    """The rules in Prometheus' answer.

    Raises:
        ValueError: it is not of that shape.
    """
    try:
        return [dict(rule) for group in answer["data"]["groups"] for rule in group["rules"]]
    except (KeyError, TypeError) as error:
        raise ValueError(error) from None


def _read(url: str, seconds: float) -> bytes:
    try:
        with urllib.request.urlopen(url, timeout=seconds) as answer:  # noqa: S310 - from the settings
            body: bytes = answer.read(SIZE_LIMIT + 1)
    except urllib.error.HTTPError as error:
        error.close()  # it is an answer too, and holds the connection
        raise
    if len(body) > SIZE_LIMIT:
        raise ValueError(url)
    return body
