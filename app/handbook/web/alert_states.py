"""The state of alerts as Prometheus knows it, asked with a time limit of its own."""

from __future__ import annotations

import http.client
import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterable
from concurrent.futures import Future
from typing import Any

LIMIT = 0.5
"""Seconds for the whole answer: a page that is read in an incident waits no longer."""

SIZE_LIMIT = 4 * 1024 * 1024

PLACES = 4
"""Questions at a time, those included that were given up and have not ended."""

_places = threading.BoundedSemaphore(PLACES)

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
    body = _read_in_time(f"{address.rstrip('/')}/api/v1/rules?type=alert")
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


def _read_in_time(url: str) -> bytes:
    """Read in a thread: neither the look-up of a name nor a header that trickles has a limit.

    Raises:
        OSError: there is no answer in time.
    """
    deadline = time.monotonic() + LIMIT
    if not _places.acquire(timeout=LIMIT):
        raise TimeoutError(url)
    future: Future[bytes] = Future()

    def work() -> None:
        try:
            future.set_result(_read(url))
        except BaseException as error:
            future.set_exception(error)
        finally:
            _places.release()

    try:
        threading.Thread(target=work, name="alerts", daemon=True).start()
    except RuntimeError as error:  # the system has no thread left
        _places.release()
        raise OSError(error) from error
    return future.result(max(0.0, deadline - time.monotonic()))


def _read(url: str) -> bytes:
    try:
        with urllib.request.urlopen(url, timeout=LIMIT) as response:  # noqa: S310 - from the settings
            body: bytes = response.read(SIZE_LIMIT + 1)
    except urllib.error.HTTPError as error:
        error.close()  # it is an answer too, and holds the connection
        raise
    if len(body) > SIZE_LIMIT:
        raise ValueError(url)
    return body
