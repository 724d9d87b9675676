"""The path below which a proxy serves the whole service: `URL_PREFIX`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask

from app.config import SettingError
from app.services import services, services_of

WSGI = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def address(path: str) -> str:
    """Return the address of a path of this service, as its readers must write it.

    Every address in an answer comes from here or from `url_for`.

    Args:
        path: from the service's root, such as `/runbooks`.
    """
    return services().url_prefix + path


def take_off(environ: dict[str, Any], prefix: str) -> None:
    """Move the prefix from the path of a request to `SCRIPT_NAME`, from which `url_for` writes it.

    A path without the prefix stays: some proxies take it off, and probes come without. So does one
    from which it was taken off before, by gunicorn's own `SCRIPT_NAME`, for example.
    """
    if environ.get("SCRIPT_NAME") == prefix:
        return
    environ["SCRIPT_NAME"] = prefix
    path = environ["PATH_INFO"]
    if f"{path}/".startswith(f"{prefix}/"):
        environ["PATH_INFO"] = path[len(prefix) :] or "/"


class PrefixMiddleware:
    """WSGI middleware: takes the prefix off the path before anything reads it."""

    def __init__(self, app: WSGI, prefix: str) -> None:
        self._app = app
        self._prefix = prefix

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Serve one request."""
        take_off(environ, self._prefix)
        return self._app(environ, start_response)


def init_app(app: Flask) -> None:
    """Serve the application below its prefix, if it has one; call it when all routes are known.

    Raises:
        SettingError: the prefix begins like a route, so a path could mean either.
    """
    prefix = services_of(app).url_prefix
    if not prefix:
        return
    first = prefix.split("/")[1]
    if first in {rule.rule.split("/")[1] for rule in app.url_map.iter_rules()}:
        raise SettingError(
            f"URL_PREFIX is {prefix!r}: the service has pages of its own at /{first}; "
            "give another path, such as /churn"
        )
    app.wsgi_app = PrefixMiddleware(app.wsgi_app, prefix)  # type: ignore[method-assign]
