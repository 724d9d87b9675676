"""Lets a view declare who may call it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask

View = TypeVar("View", bound=Callable[..., Any])

SCOPES = ("predict", "handbook", "operate")
"""Scopes of keys: scores and customers; documents; operating the service."""

ANY = frozenset(SCOPES)
PUBLIC: frozenset[str] = frozenset()
ENTRANCE = frozenset(("entrance",))
"""Where there are keys, public; otherwise as `ANY`, so that nothing is open to elsewhere."""


class ScopeError(RuntimeError):
    """A view declares no scope, so the application must not start."""


def scope(*names: str) -> Callable[[View], View]:
    """Declare that a key with one of these scopes may call the view.

    The declaration is in the view's `__dict__`, which `functools.wraps` copies, so its order among
    other decorators doesn't matter.

    Raises:
        ValueError: a name is not one of `SCOPES`.
    """
    if not names or not ANY.issuperset(names):
        raise ValueError(f"scopes are {', '.join(SCOPES)}, not {names}")
    return lambda view: _declare(view, frozenset(names))


def any_key(view: View) -> View:
    """Declare that every key may call the view."""
    return _declare(view, ANY)


def public(view: View) -> View:
    """Declare that the view needs no key, such as a probe."""
    return _declare(view, PUBLIC)


def entrance(view: View) -> View:
    """Declare that a caller without a key needs the view to become one with a key."""
    return _declare(view, ENTRANCE)


def scopes_of(view: object) -> frozenset[str] | None:
    """Return the scopes that a view declares, an empty set if it is public, or None."""
    found: frozenset[str] | None = getattr(view, "access_scopes", None)
    return found


def declared(app: Flask, *, keys: bool) -> dict[str, frozenset[str]]:
    """Return the scopes of every endpoint.

    Args:
        app: with the views.
        keys: whether keys are configured.

    Raises:
        ScopeError: names each route whose view declares none.
    """
    found: dict[str, frozenset[str]] = {}
    missing = []
    for rule in app.url_map.iter_rules():
        view = app.view_functions.get(rule.endpoint)
        # Flask makes these views, one for each blueprint; they serve the style sheets of all pages.
        scopes = ENTRANCE if rule.endpoint.rpartition(".")[2] == "static" else scopes_of(view)
        if scopes is None:
            missing.append(f"{rule.rule} ({rule.endpoint})")
        elif scopes == ENTRANCE:
            found[rule.endpoint] = PUBLIC if keys else ANY
        else:
            found[rule.endpoint] = scopes
    if missing:
        raise ScopeError(f"declare a scope (app.access.scope) for {', '.join(sorted(missing))}")
    return found


def _declare(view: View, scopes: frozenset[str]) -> View:
    view.access_scopes = scopes  # type: ignore[attr-defined]
    return view
