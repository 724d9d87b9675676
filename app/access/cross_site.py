"""Refuses what a page of another site sends through its reader's browser.

Any page may post a form to any address, this machine's too, and the browser adds the cookies of
that address. JSON it may send only after asking with OPTIONS, to which the service grants nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from werkzeug.exceptions import Forbidden

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

READING = frozenset(("GET", "HEAD", "OPTIONS"))
"""Methods that change nothing."""

_OURS = ("same-origin", "none")
"""Values of Sec-Fetch-Site for a page of this service, and for an address that a reader typed."""

_PORTS = {"http": 80, "https": 443}


class CrossSite(Forbidden):
    """A 403 for a request that another site's page has sent."""

    slug = "cross-site"
    """Of its problem type."""


def check(environ: WSGIEnvironment, proxies: int, *, cookie: bool = False) -> None:
    """Refuse a request that a page of another site may have sent.

    Browsers say with `Sec-Fetch-Site`, or else with `Origin`, where a request comes from. Programs
    say nothing, and are served.

    Args:
        environ: of the request.
        proxies: number of proxies in front; behind one, the name that it was called by counts, too.
        cookie: whether a cookie admits the request. Then JSON is checked as well, and a request
            that says nothing is refused: only browsers have cookies.

    Raises:
        CrossSite: it may come from elsewhere.
    """
    if environ["REQUEST_METHOD"] in READING or (not cookie and _is_json(environ)):
        return
    site, origin = environ.get("HTTP_SEC_FETCH_SITE"), environ.get("HTTP_ORIGIN")
    if site is not None:
        if site not in _OURS:
            raise CrossSite(f"A page of another site sent this (Sec-Fetch-Site: {site})")
    elif origin is not None:
        names = _names(environ, proxies)
        if not _is_one_of(origin, names):
            raise CrossSite(
                f"A page of another site sent this (Origin: {origin}; this one is "
                f"{' or '.join(names) or 'unnamed'})"
            )
    elif cookie:
        raise CrossSite("With a cookie, send Origin; programs send a key instead")


def _is_json(environ: WSGIEnvironment) -> bool:
    given: str = environ.get("CONTENT_TYPE", "")
    return given.partition(";")[0].strip().lower() == "application/json"


def _names(environ: WSGIEnvironment, proxies: int) -> list[str]:
    """Return the hosts by which the browser may have called.

    A page can't set either header, so neither can make another site pass for this one.
    """
    given = [environ.get("HTTP_HOST", "")]
    if proxies:
        given += environ.get("HTTP_X_FORWARDED_HOST", "").split(",")
    return [name.strip() for name in given if name.strip()]


def _is_one_of(origin: str, names: Iterable[str]) -> bool:
    """Whether an origin, which is `null` for a page without one, has one of these hosts."""
    try:
        found = urlsplit(origin)
        port = _PORTS[found.scheme]
        hosts = [urlsplit(f"//{name}") for name in names]
        asked = found.hostname, found.port or port
        return asked in [(host.hostname, host.port or port) for host in hosts]
    except (KeyError, ValueError):
        return False
