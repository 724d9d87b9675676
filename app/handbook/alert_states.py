"""The state of alerts as Prometheus knows it, asked with a time limit of its own."""

from __future__ import annotations

import http.client
import json
import time
import urllib.request
from collections.abc import Iterable
from typing import Any

LIMIT = 0.5
"""Seconds for the whole answer: a page that is read in an incident waits no longer."""

SIZE_LIMIT = 4 * 1024 * 1024

UNKNOWN = "no rule"
NOT_AVAILABLE = "not available"


def states(address: str, alerts: Iterable[str]) -> dict[str, str]:
    """Each alert's state: `firing`, `pending`, `inactive`, `no rule` or `not available`.

    Args:
        address: of Prometheus, such as `http://prometheus:9090`; empty where there is none.
        alerts: the names of alert rules.
    """
    try:
        known = _rules(address) if address else None
    except (OSError, ValueError, RecursionError, http.client.HTTPException):
        known = None
    if known is None:
        return dict.fromkeys(alerts, NOT_AVAILABLE)
    return {alert: known.get(alert, UNKNOWN) for alert in alerts}


def _rules(address: str) -> dict[str, str]:
    """The state of each alert rule by name; of rules with one name the most urgent counts."""
    body = _read(f"{address.rstrip('/')}/api/v1/rules?type=alert")
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


def _read(url: str) -> bytes:
    deadline = time.monotonic() + LIMIT
    parts: list[bytes] = []
    with urllib.request.urlopen(url, timeout=LIMIT) as response:  # noqa: S310 - from the settings
        while part := response.read1(65536):
            parts.append(part)
            if time.monotonic() > deadline or sum(map(len, parts)) > SIZE_LIMIT:
                raise TimeoutError(url)
    return b"".join(parts)
