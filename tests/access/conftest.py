"""Applications with keys, and a way to call them from each."""

from __future__ import annotations

from typing import Any

from flask import Flask

from app.services import services_of


def sample_path(app: Flask, rule: Any) -> str:
    """Make a path that matches a rule; its object need not exist."""
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
