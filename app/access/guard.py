"""Admits a request, or refuses it with 401 or 403."""

from __future__ import annotations

import logging
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING, Any

from flask import g, request
from werkzeug.datastructures import Authorization
from werkzeug.exceptions import BadRequest, Forbidden, Unauthorized

from app.access import cross_site
from app.access.key_file import Key
from app.access.keyring import Keyring
from app.access.scopes import ANY

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

log = logging.getLogger(__name__)

_THROUGH_PROXIES = ", through proxies that name {} local addresses in X-Forwarded-For"


class NoKey(Unauthorized):
    """A 401 with its challenges."""

    def get_headers(self, *args: Any, **kwargs: Any) -> list[tuple[str, str]]:
        """Two header lines: browsers read one challenge on each, and answer only Basic."""
        return [
            *super().get_headers(*args, **kwargs),
            ("WWW-Authenticate", 'Basic realm="churn", charset="UTF-8"'),
            ("WWW-Authenticate", 'Bearer realm="churn"'),
        ]


class Guard:
    """Decides which caller may call which endpoint.

    Args:
        keys: the keys; None if none are configured, and then only callers on the loopback
            interface are served.
        proxies: number of proxies in front; each adds an address to `X-Forwarded-For`.
    """

    def __init__(self, keys: Keyring | None, proxies: int) -> None:
        self.keys = keys
        self._proxies = proxies
        self.scopes: dict[str, frozenset[str]] = {}
        """The scopes of each endpoint, set by `app.access.check`."""
        self._warned = False

    def admit(self) -> None:
        """Refuse a request that its sender may not make; note the caller of the others.

        An unknown address needs a key too, so that nobody without one learns which addresses exist.

        Raises:
            NoKey, Forbidden: as `caller` does.
            CrossSite: a page of another site sent it.
        """
        if isinstance(request.routing_exception, BadRequest):
            return  # the address cannot be parsed, and the answer says so
        # A route added after `check` has no entry: a KeyError instead of an open door.
        endpoint = request.endpoint
        if wanted := self.scopes[endpoint] if endpoint else ANY:
            g.caller = self.caller(request.environ, wanted)
        else:
            cross_site.check(request.environ, self._proxies)

    def caller(self, environ: WSGIEnvironment, wanted: frozenset[str]) -> str:
        """Return the caller of a request that needs one of these scopes: key name or address.

        Raises:
            NoKey: there is no key, the key is unknown, or the caller is not local.
            Forbidden: the key has none of the scopes.
            CrossSite: a page of another site sent it.
        """
        cross_site.check(environ, self._proxies)
        if self.keys is None:
            self._admit_local(environ)
            address: str = environ.get("REMOTE_ADDR", "in process")
            return address
        key = _key(self.keys, environ)
        if wanted.isdisjoint(key.scopes):
            raise Forbidden(
                f"This needs a key with scope {' or '.join(sorted(wanted))}; "
                f"this key has {', '.join(sorted(key.scopes))}"
            )
        return key.name

    def _admit_local(self, environ: WSGIEnvironment) -> None:
        if not (
            _local(environ) and (not self._proxies or _forwarded_local(environ, self._proxies))
        ):
            raise NoKey(
                "Without API keys, only callers on this machine are served, at "
                "127.0.0.1 or localhost"
                + (_THROUGH_PROXIES.format(self._proxies) if self._proxies else "")
                + "; API_KEYS_FILE names the keys"
            )
        if not self._proxies and "HTTP_X_FORWARDED_FOR" in environ and not self._warned:
            self._warned = True
            log.warning(
                "X-Forwarded-For is ignored: behind a proxy, set TRUSTED_PROXIES or API_KEYS_FILE; "
                "otherwise every client of the proxy counts as local"
            )


def _key(keys: Keyring, environ: WSGIEnvironment) -> Key:
    given = Authorization.from_header(environ.get("HTTP_AUTHORIZATION"))
    presented = given and (given.token if given.type == "bearer" else given.password)
    if not presented:
        raise NoKey("Send a key: Authorization: Bearer KEY, or the key as the password of Basic")
    if key := keys.find(presented):
        return key
    raise NoKey("This key is unknown here")


def _local(environ: WSGIEnvironment) -> bool:
    """Whether a request comes from this machine and is meant for it.

    The requested name counts as well as the sender's address. A page elsewhere can resolve its own
    name to 127.0.0.1 (DNS rebinding) and read through the browser of someone on this machine; its
    requests then carry that name. Browsers always send a name, and servers always give an address,
    which is empty if they listen on a socket file.
    """
    address, host = environ.get("REMOTE_ADDR"), environ.get("HTTP_HOST")
    return (address is None or loopback(address)) and (host is None or local_name(host))


def _forwarded_local(environ: WSGIEnvironment, proxies: int) -> bool:
    """Whether the proxies in front say that the request comes from this machine.

    Each proxy adds one address to `X-Forwarded-For`, and all must be local. One address too many is
    a client's claim or an uncounted proxy; one too few is a proxy that is missing or adds nothing.
    In both cases the client's address is a guess. A forwarded name can only refuse, because a proxy
    may have passed on the client's.
    """
    if "REMOTE_ADDR" not in environ:
        return True  # a call within the process, without a proxy
    addresses = environ.get("HTTP_X_FORWARDED_FOR", "").split(",")
    names = environ.get("HTTP_X_FORWARDED_HOST")
    return (
        len(addresses) == proxies
        and all(loopback(address.strip(" \t")) for address in addresses)
        and (names is None or all(local_name(name.strip(" \t")) for name in names.split(",")))
    )


@lru_cache(maxsize=1024)
def loopback(address: str) -> bool:
    """Whether an address is in 127.0.0.0/8, also written as IPv6, or ::1."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    if isinstance(found, IPv6Address) and found.ipv4_mapped:
        return found.ipv4_mapped.is_loopback
    return found.is_loopback


@lru_cache(maxsize=1024)
def local_name(host: str) -> bool:
    """Whether every resolver takes the name in a Host header, port or not, for this machine."""
    name, bracket, _ = host.removeprefix("[").partition("]")
    if not bracket:
        name = host.partition(":")[0]
    name = name.lower().removesuffix(".")
    return name == "localhost" or name.endswith(".localhost") or loopback(name)
