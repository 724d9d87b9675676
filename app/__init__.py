"""The churn-prediction service and its handbook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.config import Settings
from app.resilience.time_limits import LIMITS, TimeLimits

if TYPE_CHECKING:
    from flask import Flask


def create_app(settings: Settings | None = None, limits: TimeLimits = LIMITS) -> Flask:
    """Make the application.

    Args:
        settings: by default those of the environment.
        limits: how long a request waits for parts that may be down.

    Raises:
        SettingError: a variable of the environment is invalid.
    """
    # Here, so that commands without an application start in half the time.
    from app.application import make  # noqa: PLC0415

    return make(settings or Settings.from_environment(), limits)
