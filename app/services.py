"""The services that requests use, as one typed object in `app.extensions`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flask import Flask, current_app

if TYPE_CHECKING:
    from app.access.guard import Guard
    from app.access.rate_limit import RateLimit
    from app.customers import LazyCustomerStore
    from app.diagnostics.check_runs import CheckRuns
    from app.handbook.documents.library import Library
    from app.handbook.drill_alerts import Alertmanager
    from app.handbook.mirror.stamp import Stamp
    from app.handbook.search.search_index import SearchIndex
    from app.handbook.web.alert_states import AlertStates
    from app.predictions.service import PredictionService
    from app.releases.registry import ReleaseRegistry


@dataclass
class Services:
    """Each field is set by the `init_app` of its part."""

    url_prefix: str = ""
    """The path before the service's addresses, such as `/churn`, or empty; see `address`."""

    guard: Guard = field(init=False)
    """Who may call what."""

    releases: ReleaseRegistry = field(init=False)
    """The releases of the model, and which one serves."""

    customers: LazyCustomerStore = field(init=False)
    """The stored customers."""

    library: Callable[[], Library] = field(init=False)
    """Returns the documents, which are read at the first call."""

    search: Callable[[], SearchIndex] = field(init=False)
    """Returns the search index, which is made at the first call."""

    alerts: AlertStates = field(init=False)
    """Asks Prometheus for the state of alerts."""

    alertmanager: Alertmanager = field(init=False)
    """Sends drills, and asks Alertmanager for them."""

    rate_limit: RateLimit | None = None
    """Counts callers' requests. None without a limit."""

    predictions: PredictionService = field(init=False)
    """Answers predictions."""

    checks: CheckRuns = field(init=False)
    """Runs the checks of the running system."""

    is_ready: Callable[[], bool] = field(init=False)
    """Returns whether a model is loaded and gives its stored scores."""

    mirror: Stamp | None = None
    """What the pages say of themselves in the handbook's mirror. None in the service."""

    start_tracing: Callable[[], None] | None = None
    """Starts tracing in a worker, after the fork. None without tracing."""

    before_scrape: list[Callable[[], None]] = field(default_factory=list)
    """Functions that update gauges before `/metrics` is read."""


def services_of(app: Flask) -> Services:
    """Return the services of an application, made at the first call."""
    found: Services | None = app.extensions.get("churn")
    if found is None:
        found = app.extensions["churn"] = Services()
    return found


def services() -> Services:
    """Return the services of the application that answers this request or runs this command."""
    return services_of(current_app)
