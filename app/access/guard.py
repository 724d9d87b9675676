"""Admits a request, or refuses it with 401 or 403."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from flask import g, request
from werkzeug.datastructures import Authorization
from werkzeug.exceptions import BadRequest, Forbidden, Unauthorized

from app.access import cross_site
from app.access.key_file import Key
from app.access.keyring import Keyring
from app.access.local_callers import forwarded_local, local
from app.access.scopes import ANY
from app.access.sessions import Sessions

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

log = logging.getLogger(__name__)

_THROUGH_PROXIES = ", through proxies that name {} local addresses in X-Forwarded-For"


class NoKey(Unauthorized):
    """A 401 with its challenges.

    Args:
        detail: what to do.
        environ: of the request. A browser that names itself isn't asked for Basic: it would open a
            window of its own over the page, and the sign-in page is there for it.
    """

    def __init__(self, detail: str, environ: WSGIEnvironment) -> None:
        super().__init__(detail)
        self._challenges = [("WWW-Authenticate", 'Bearer realm="churn"')]
        if "HTTP_SEC_FETCH_MODE" not in environ:
            basic = "WWW-Authenticate", 'Basic realm="churn", charset="UTF-8"'
            self._challenges.insert(0, basic)

    def get_headers(self, *args: Any, **kwargs: Any) -> list[tuple[str, str]]:
        """Add a line for each challenge: browsers read one on each."""
        return [*super().get_headers(*args, **kwargs), *self._challenges]


class WrongScope(Forbidden):
    """A 403 for a key that has none of the scopes."""

    def __init__(self, wanted: frozenset[str], key: Key) -> None:
        self.wanted, self.key = wanted, key
        super().__init__(
            f"This needs a key with scope {' or '.join(sorted(wanted))}; "
            f"this key has {', '.join(sorted(key.scopes))}"
        )


class Guard:
    """Decides which caller may call which endpoint.

    Args:
        keys: the keys; None if none are configured, and then only callers on the loopback
            interface are served.
        proxies: number of proxies in front; each adds an address to `X-Forwarded-For`.
        sessions: the cookies that name keys; None without keys.
    """

    def __init__(
        self, keys: Keyring | None, proxies: int, sessions: Sessions | None = None
    ) -> None:
        self.keys = keys
        self.sessions = sessions
        self._proxies = proxies
        self.scopes: dict[str, frozenset[str]] = {}
        """The scopes of each endpoint, set by `app.access.check`."""
        self._warned = False

    def admit(self) -> None:
        """Refuse a request that its sender may not make; note the caller of the others.

        An unknown address needs a key too, so that nobody without one learns which addresses exist.

        Raises:
            NoKey, WrongScope: as `caller` does.
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
            WrongScope: the key has none of the scopes.
            CrossSite: a page of another site sent it.
        """
        cross_site.check(environ, self._proxies)
        if self.keys is None:
            self._admit_local(environ)
            address: str = environ.get("REMOTE_ADDR", "in process")
            return address
        key = self._key(self.keys, environ)
        if wanted.isdisjoint(key.scopes):
            raise WrongScope(wanted, key)
        return key.name

    def signed_in(self, environ: WSGIEnvironment) -> Key | None:
        """Return the key that a request's cookie names, if the file still has it."""
        found = self.sessions.holder(environ) if self.sessions else None
        return self.keys.named(*found) if found and self.keys else None

    def _key(self, keys: Keyring, environ: WSGIEnvironment) -> Key:
        """Return the key of the Authorization header, or without one, of the cookie."""
        given = environ.get("HTTP_AUTHORIZATION")
        if given is None and (key := self.signed_in(environ)):
            cross_site.check(environ, self._proxies, cookie=True)
            return key
        sent = Authorization.from_header(given)
        presented = sent and (sent.token if sent.type == "bearer" else sent.password)
        if not presented:
            raise NoKey(
                "Send a key: Authorization: Bearer KEY, or the key as the password of Basic",
                environ,
            )
        if key := keys.find(presented):
            return key
        raise NoKey("This key is unknown here", environ)

    def _admit_local(self, environ: WSGIEnvironment) -> None:
        if not (local(environ) and (not self._proxies or forwarded_local(environ, self._proxies))):
            raise NoKey(
                "Without API keys, only callers on this machine are served, at "
                "127.0.0.1 or localhost"
                + (_THROUGH_PROXIES.format(self._proxies) if self._proxies else "")
                + "; API_KEYS_FILE names the keys",
                environ,
            )
        if not self._proxies and "HTTP_X_FORWARDED_FOR" in environ and not self._warned:
            self._warned = True
            log.warning(
                "X-Forwarded-For is ignored: behind a proxy, set TRUSTED_PROXIES or API_KEYS_FILE; "
                "otherwise every client of the proxy counts as local"
            )
