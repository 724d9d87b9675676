"""What requests need of the application: one typed object under `app.extensions`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flask import Flask, current_app

if TYPE_CHECKING:
    from app.access.guard import Guard
    from app.customers import LazyCustomerStore
    from app.handbook.documents.library import Library
    from app.handbook.search.search_index import SearchIndex
    from app.handbook.web.alert_states import AlertStates
    from app.releases.registry import ReleaseRegistry


@dataclass
class Services:
    """Each field is set by the `init_app` of its part."""

    guard: Guard = field(init=False)
    """Who may call what."""

    releases: ReleaseRegistry = field(init=False)
    """The releases of the model, and which one serves."""

    customers: LazyCustomerStore = field(init=False)
    """The stored customers."""

    library: Callable[[], Library] = field(init=False)
    """Gives the documents, read at the first call."""

    search: Callable[[], SearchIndex] = field(init=False)
    """Gives the index of those documents, made at the first call."""

    alerts: AlertStates = field(init=False)
    """The state of alerts, asked of Prometheus."""

    within_rate_limit: Callable[[str], bool] | None = None
    """Counts a request of a caller; False where that is one too many. None without a limit."""

    start_tracing: Callable[[], None] | None = None
    """Starts tracing in a worker, after the fork. None where nothing is traced."""

    before_scrape: list[Callable[[], None]] = field(default_factory=list)
    """Called before `/metrics` is read, for gauges that change by themselves."""


def services_of(app: Flask) -> Services:
    """The services of an application; made at the first call."""
    found: Services | None = app.extensions.get("churn")
    if found is None:
        found = app.extensions["churn"] = Services()
    return found


def services() -> Services:
    """The services of the application that answers this request or runs this command."""
    return services_of(current_app)
