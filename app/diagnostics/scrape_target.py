"""Asks Prometheus whether its scrapes of the service succeed."""

from __future__ import annotations

import json
import urllib.request
from urllib.parse import urlencode

from app.resilience.daemon_threads import Call, DaemonThreads
from app.resilience.time_limits import LIMITS

UP = 'min by (instance) (up{job="churn-api"})'
"""The series that the alert ChurnApiDown watches."""

SIZE_LIMIT = 1024 * 1024

_threads = DaemonThreads("scrape-target", 2)


def unreached(address: str) -> list[str] | None:
    """Return the instances that Prometheus cannot scrape; None: it can't be asked.

    Args:
        address: of Prometheus, such as `http://prometheus:9090`, or empty.
    """
    if not address:
        return None
    call = Call(lambda: _instances(address))
    if not _threads.start(call) or not call.wait(LIMITS.alerts):
        return None
    try:
        return call.result()
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return None


def _instances(address: str) -> list[str]:
    url = f"{address.rstrip('/')}/api/v1/query?{urlencode({'query': UP})}"
    with urllib.request.urlopen(url, timeout=LIMITS.alerts) as answer:  # noqa: S310 - the settings'
        found = json.loads(answer.read(SIZE_LIMIT))["data"]["result"]
    if not found:
        return ["no instance is scraped"]
    return [str(one["metric"].get("instance")) for one in found if float(one["value"][1]) == 0]
