"""The release that a command is about."""

from __future__ import annotations

from app.releases.registry import ReleaseRegistry
from app.releases.release_loader import Release


def requested_release(known: ReleaseRegistry, version: str | None) -> Release:
    """Return the release of a version, by default the one in service.

    Raises:
        ValueError: there is none of that version, or none in service.
    """
    release = known.get(version) if version else known.serving
    if release is None and version:
        raise ValueError(f"there is no release {version}; churn model list names them")
    if release is None:
        raise ValueError(f"no release in {known.model_dir} can serve; churn model list says why")
    return release
