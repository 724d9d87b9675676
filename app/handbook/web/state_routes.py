"""`/state.json`: what is happening now, which the front page fetches after itself."""

from __future__ import annotations

import datetime
from math import log
from typing import Any

from flask import Blueprint, Response, jsonify

from app.access import scope
from app.handbook.web.alert_states import NOT_AVAILABLE
from app.http.url_prefix import address
from app.resilience.unavailable import DependencyUnavailable
from app.services import services

blp = Blueprint("live-state", __name__)


@blp.get("/state.json")
@scope("handbook")
def state() -> Response:
    """Return whether the service is ready, which alerts fire, and how many customers are at risk.

    Each part that cannot be known in time is null.
    """
    found = jsonify(
        as_of=_time(datetime.datetime.now(datetime.UTC)),
        ready=services().is_ready(),
        alerts=_firing(),
        at_risk=_at_risk(),
    )
    found.headers["Cache-Control"] = "no-store"
    return found


def _firing() -> list[dict[str, str]] | None:
    """Return the firing alerts that runbooks are for, the most severe first."""
    runbooks = {a: runbook for runbook in services().library().runbooks for a in runbook.alerts}
    states = services().alerts.states(runbooks)
    if any(found.state == NOT_AVAILABLE for found in states.values()):
        return None
    return [
        {"name": name, "url": address(runbooks[name].url)}
        for name, found in states.items()
        if found.state == "firing"
    ]


def _at_risk() -> dict[str, Any] | None:
    """Return how many stored customers the default policy flags, of how many, and as of when."""
    release = services().releases.serving
    if release is None:
        return None
    threshold = release.scorecard.policies["default"]
    try:
        found = services().customers.store.distribution(release.digests["scorecard.json"])
    except DependencyUnavailable:
        return None
    if found is None:
        return None
    return {
        "customers": found.at_least(log(threshold / (1 - threshold))),
        "stored": found.customers,
        "as_of": _time(found.made_at),
    }


def _time(at: datetime.datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
