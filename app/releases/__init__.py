"""The releases of the model, and which one serves."""

from __future__ import annotations

from flask import Flask

from app.config import Settings
from app.http.problems import Problem
from app.releases.registry import ReleaseRegistry
from app.releases.release_loader import Release
from app.services import services, services_of

RETRY_AFTER = 30
"""Seconds after which to ask again when no release is in service; people must act first."""


def require_serving_release(releases: ReleaseRegistry | None = None) -> Release:
    """Return the release in service, by default of the application of this request or command.

    Raises:
        Problem: 503, no release is in service.
    """
    if release := (releases or services().releases).serving:
        return release
    raise Problem(
        "not-ready",
        "No release of the model is in service",
        headers={"Retry-After": str(RETRY_AFTER)},
    )


def init_app(app: Flask, settings: Settings) -> None:
    """Load the releases."""
    services_of(app).releases = ReleaseRegistry(settings.model_dir)
