"""Translates a request from the event loop's form (ASGI) to Flask's (WSGI, PEP 3333)."""

from __future__ import annotations

import sys
from functools import lru_cache
from typing import Any
from urllib.parse import unquote_to_bytes

_UNPREFIXED = {"CONTENT_TYPE", "CONTENT_LENGTH"}


def environ_of(scope: dict[str, Any]) -> dict[str, Any]:
    """Make the environment of a request, without its body.

    A header with an underscore is left out: it would pass for the one with a hyphen, which a proxy
    in front has checked or set.
    """
    host, port = (scope["server"] or ("localhost", 80))[:2]
    client = scope["client"]
    path = scope["path"]
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": path if path.isascii() else _bytes_as_text(scope["raw_path"]),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": host,
        "SERVER_PORT": str(port or ""),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": client[0] if client else "",  # empty: a socket file
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in scope["headers"]:
        key = _key(name)
        if not key:
            continue
        text = value.decode("latin-1")
        if key in environ:
            text = f"{environ[key]}{';' if key == 'HTTP_COOKIE' else ','}{text}"
        environ[key] = text
    return environ


@lru_cache(maxsize=256)
def _key(name: bytes) -> str:
    """Return the key of a header, or nothing if it must not be passed on."""
    key = name.decode("latin-1").upper()
    if "_" in key:
        return ""
    key = key.replace("-", "_")
    return key if key in _UNPREFIXED else f"HTTP_{key}"


def _bytes_as_text(raw_path: bytes) -> str:
    return unquote_to_bytes(raw_path).decode("latin-1")
