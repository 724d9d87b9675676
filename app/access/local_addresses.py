"""Addresses of this service to which a browser may be led after it has signed in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

LONGEST = 2000
"""Characters of an address; longer ones are not kept."""

_PLAIN = re.compile(r"/(?!/)[!-\[\]-~]*\Z").match
"""Begins with one slash; printable ASCII without a backslash, which browsers take for a slash."""


def is_local(address: str, prefix: str) -> bool:
    """Whether an address leads every browser to a page of this service.

    Args:
        address: as it was received: anything.
        prefix: the service's URL_PREFIX.
    """
    path = re.split("[?#]", address, maxsplit=1)[0]
    return (
        len(address) <= LONGEST
        and _PLAIN(address) is not None
        and f"{path}/".startswith(f"{prefix}/")
        and not {".", ".."} & {unquote(part) for part in path.split("/")}
    )


def address_of(environ: WSGIEnvironment) -> str:
    """Return the address of a request, with its query, as its browser wrote it."""
    path = quote(environ.get("SCRIPT_NAME", "") + environ["PATH_INFO"], "/:@!$&'()*+,;=", "latin-1")
    query = environ.get("QUERY_STRING", "")
    return f"{path}?{query}" if query else path
