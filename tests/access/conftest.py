"""Applications with keys, and a way to call them from each."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app import create_app
from app.access import key_file as keyfile
from app.access.scopes import SCOPES
from app.config import Settings
from app.services import services_of


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def make_app(**settings: Any) -> Flask:
    return create_app(replace(Settings.from_environment(), **settings))


@contextmanager
def listening(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Hear the application's log, which its configuration keeps from the root's handlers."""
    log = logging.getLogger("app")
    log.addHandler(caplog.handler)
    propagated, log.propagate = log.propagate, False
    try:
        yield
    finally:
        log.propagate = propagated
        log.removeHandler(caplog.handler)


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    return tmp_path / "keys.yaml"


@pytest.fixture
def keys(key_file: Path) -> dict[str, str]:
    """One key of each scope, by its scope."""
    return {scope: keyfile.add(key_file, f"{scope}-client", (scope,)) for scope in SCOPES}


@pytest.fixture
def keyed(key_file: Path, keys: dict[str, str]) -> Flask:
    return make_app(api_keys_file=key_file)


def sample_path(app: Flask, rule: Any) -> str:
    """A path that a rule matches; what it names need not exist."""
    values = {}
    for name in rule.arguments:
        items = getattr(rule._converters[name], "items", None)
        values[name] = min(items) if items else "x"
    path: str = app.url_map.bind("localhost").build(rule.endpoint, values, min(rule.methods))
    return path


Routes = list[tuple[str, str, frozenset[str]]]


def routes(app: Flask) -> Routes:
    """Method, path and scopes of everything that the application answers."""
    scopes = services_of(app).guard.scopes
    return [
        (method, sample_path(app, rule), scopes[rule.endpoint])
        for rule in app.url_map.iter_rules()
        for method in sorted(rule.methods)
    ]
