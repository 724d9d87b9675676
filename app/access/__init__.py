"""Access control: API keys and their scopes, the loopback rule, rate limits.

Every view declares its scope with `scope`, `any_key`, `public` or `entrance`. If a view declares
none, `check` stops the start.
"""

from __future__ import annotations

from flask import Flask

from app.access import sign_in_pages
from app.access.guard import Guard
from app.access.key_file import KeysError
from app.access.keyring import Keyring
from app.access.scopes import any_key, declared, public, scope
from app.access.sessions import Sessions
from app.config import SettingError, Settings
from app.resilience.time_limits import LIMITS, TimeLimits
from app.services import services_of

__all__ = ["any_key", "check", "init_app", "public", "scope"]


def init_app(app: Flask, settings: Settings, limits: TimeLimits = LIMITS) -> None:
    """Guard every request, and count it if a rate limit is set.

    Raises:
        SettingError: `API_KEYS_FILE` cannot be read, or `RATE_LIMIT` is invalid.
    """
    keys = sessions = None
    if settings.api_keys_file is not None:
        try:
            keys = Keyring(settings.api_keys_file)
        except KeysError as error:
            raise SettingError(f"API_KEYS_FILE: {error}") from None
        proxies = settings.trusted_proxies
        sessions = Sessions(app, settings.secret_key, settings.url_prefix, proxies)
    guard = services_of(app).guard = Guard(keys, settings.trusted_proxies, sessions)
    app.before_request(guard.admit)
    app.register_blueprint(sign_in_pages.blp)
    app.after_request(sign_in_pages.fill)
    if settings.rate_limit:
        # Imported here because it takes 4 MB in each worker, which only a rate limit needs.
        from app.access import rate_limit  # noqa: PLC0415

        rate_limit.init_app(app, settings.rate_limit, settings.cache_url, limits.count)


def check(app: Flask) -> None:
    """Collect the scopes that the views declare; the last call in making an application.

    Raises:
        ScopeError: names each route whose view declares none.
    """
    guard = services_of(app).guard
    guard.scopes = declared(app, keys=guard.keys is not None)
