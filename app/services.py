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
    from app.releases.registry import ReleaseRegistry


@dataclass
class Services:
    """Each field is set by the `init_app` of its part."""

    guard: Guard = field(init=False)
    releases: ReleaseRegistry = field(init=False)
    customers: LazyCustomerStore = field(init=False)
    library: Callable[[], Library] = field(init=False)
    search: Callable[[], SearchIndex] = field(init=False)
    within_rate_limit: Callable[[str], bool] | None = None
    start_tracing: Callable[[], None] | None = None
    before_scrape: list[Callable[[], None]] = field(default_factory=list)


def services_of(app: Flask) -> Services:
    """The services of an application; made at the first call."""
    found: Services = app.extensions.setdefault("churn", Services())
    return found


def services() -> Services:
    """The services of the application that answers this request or runs this command."""
    return services_of(current_app)
