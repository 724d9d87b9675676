"""Applications for tests: how to make one, call it with a key, and hear its log."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from app import create_app
from app.config import Settings
from app.customers.sample_customers import prepare
from app.customers.store.embedded_file import current
from app.resilience.time_limits import LIMITS, TimeLimits
from app.services import services

PATIENT = TimeLimits(lookup=30, redis=30, count=30, alerts=30, check=60)
"""Limits for tests with working parts, which may take a second on a noisy machine."""

OWN = LIMITS
"""The service's own limits, for tests of timeouts."""


def sample_app() -> Flask:
    """The application with the environment's database and the sample customers."""
    app = make_app()
    with app.app_context():
        file = services().customers.store.database.embedded
        assert file is not None
        if not current(file):
            prepare(file, services().releases)
    return app


def make_app(limits: TimeLimits = PATIENT, **settings: Any) -> Flask:
    """The application with other settings than those of the environment."""
    return create_app(replace(Settings.from_environment(), **settings), limits)


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


@contextmanager
def listening(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Capture the application's log, which doesn't reach the root's handlers."""
    log = logging.getLogger("app")
    log.addHandler(caplog.handler)
    propagated, log.propagate = log.propagate, False
    try:
        yield
    finally:
        log.propagate = propagated
        log.removeHandler(caplog.handler)
