"""Who may call what: API keys and their scopes, the loopback rule, rate limits.

Every view declares its scope with `scope`, `any_key` or `public`; `check` refuses to start an
application with a view that does not.
"""

from __future__ import annotations

from flask import Flask

from app.access.guard import Guard
from app.access.key_file import KeysError
from app.access.keyring import Keyring
from app.access.scopes import any_key, declared, public, scope
from app.config import SettingError, Settings
from app.resilience.time_limits import LIMITS, TimeLimits
from app.services import services_of

__all__ = ["any_key", "check", "init_app", "public", "scope"]


def init_app(app: Flask, settings: Settings, limits: TimeLimits = LIMITS) -> None:
    """Guard every request, and count it where a rate limit is set.

    Raises:
        SettingError: `API_KEYS_FILE` cannot be read, or `RATE_LIMIT` is no rate.
    """
    keys = None
    if settings.api_keys_file is not None:
        try:
            keys = Keyring(settings.api_keys_file)
        except KeysError as error:
            raise SettingError(f"API_KEYS_FILE: {error}") from None
    guard = services_of(app).guard = Guard(keys, settings.trusted_proxies)
    app.before_request(guard.admit)
    if settings.rate_limit:
        # Not imported at the head: 4 MB a worker that only a rate limit needs.
        from app.access import rate_limit  # noqa: PLC0415

        rate_limit.init_app(app, settings.rate_limit, settings.cache_url, limits.redis)


def check(app: Flask) -> None:
    """Take up what the views declared; the last call in making an application.

    Raises:
        ScopeError: naming each route whose view declares nothing.
    """
    services_of(app).guard.scopes = declared(app)
