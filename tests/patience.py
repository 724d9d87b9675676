"""The service's time limits: generous for tests of what is sound, its own for tests of them."""

from __future__ import annotations

from app.access import rate_limit
from app.customers.store import cache, cache_backends, database
from app.handbook.web import alert_states

PATIENCE = 30.0
"""Seconds: on a noisy machine a sound part may well take one, which is no finding."""

OWN = {
    (module, name): getattr(module, name)
    for module, name in (
        (database, "LOOKUP_TIMEOUT_SECONDS"),
        (cache, "LOOKUP_TIMEOUT_SECONDS"),
        (cache_backends, "REDIS_TIMEOUT_SECONDS"),
        (rate_limit, "TIMEOUT"),
        (alert_states, "LIMIT"),
    )
}
"""The limits as the service has them, by module and name."""


def be_patient() -> None:
    """Set them all to PATIENCE, for applications and stores of this process made from now on."""
    for module, name in OWN:
        setattr(module, name, PATIENCE)
