"""The release that a command is about."""

from __future__ import annotations

import click

from app.releases.registry import ReleaseRegistry
from app.releases.release_loader import Release


def requested_release(known: ReleaseRegistry, version: str | None) -> Release:
    """Return the release of a version, by default the one in service.

    Raises:
        ClickException: the release is refused; exit status 1.
        UsageError: there is none of that version, or none in service; exit status 2.
    """
    if refusal := known.refused.get(version or ""):
        raise click.ClickException(f"release {version} is refused: {refusal.reason}")
    release = known.get(version) if version else known.serving
    if release is None and version:
        there = ", ".join(release.version for release in known.all()) or "none"
        raise click.UsageError(f"there is no release {version} in {known.model_dir} ({there})")
    if release is None:
        raise click.UsageError(
            f"no release in {known.model_dir} can serve; churn model list says why"
        )
    return release
