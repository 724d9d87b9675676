"""Which release serves: by the pointer, or by version and approval."""

from __future__ import annotations

from app.releases.release_loader import Release
from app.releases.serving_pointer import Pointer


def choose(
    pointed: Pointer | None, sound: dict[str, Release], before: Release | None
) -> Release | None:
    """Choose the release that serves.

    It is the one pointed to; if that isn't there the one in service, or the one before. Without a
    pointer it is the newest that is approved, or the newest if none is. The one in service stays
    until a newer one is chosen.

    Args:
        pointed: the pointer, or None without one.
        sound: the releases to choose from, by version.
        before: the release in service, or None.
    """
    if pointed and pointed.serving in sound:
        return sound[pointed.serving]
    if pointed and before:
        return before
    if pointed and pointed.previous in sound:
        return sound[pointed.previous]
    approved = [version for version, release in sound.items() if release.approval]
    newest = max(approved or sound, key=order, default=None)
    if before and (newest is None or order(newest) < order(before.version)):
        return before
    return sound[newest] if newest else None


def order(version: str) -> tuple[int, ...]:
    """Return the numbers of a version, by which versions sort."""
    return tuple(map(int, version.split(".")))
