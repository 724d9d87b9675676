"""Reads the folder of releases and says which one serves. No Flask inside."""

from __future__ import annotations

import logging
import re
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from app.observability.metrics import RELEASE_SERVING, RELEASES_REFUSED
from app.releases import serving_pointer
from app.releases.release_loader import Release, ReleaseError, load_release

log = logging.getLogger(__name__)

VERSION = re.compile(r"\d{1,6}\.\d{1,6}\.\d{1,6}", re.ASCII)
INTERVAL = 1.0
"""Seconds between two looks at the folder."""


@dataclass(frozen=True)
class RegistrySnapshot:
    """What is known of the folder at one moment; replaced whole, so readers need no lock."""

    sound: dict[str, Release]
    """The one that serves included, whatever became of its files."""

    refused: dict[str, str]
    serving: Release | None


class ReleaseRegistry:
    """The releases under one folder, and the one that serves.

    The pointer says which serves; without one, the newest sound release does. A release that is
    damaged is refused, named in `refused` with the reason, and logged; the one in service goes on,
    were it the damaged one.

    Args:
        model_dir: one sub-folder a version, and the pointer.
    """

    def __init__(self, model_dir: Path) -> None:
        self.model_dir = model_dir
        self._seen: object = None
        self._readable = True
        self._state = RegistrySnapshot({}, {}, None)
        self.refresh()

    @property
    def serving(self) -> Release | None:
        """The release that answers predictions, or None where none is sound."""
        return self._state.serving

    @property
    def refused(self) -> dict[str, str]:
        """Why a version is not served, by version."""
        return self._state.refused

    def get(self, version: str) -> Release | None:
        """The sound release of that version, or None."""
        return self._state.sound.get(version)

    def all(self) -> list[Release]:
        """Every sound release, newest first."""
        return sorted(self._state.sound.values(), key=lambda r: order(r.version), reverse=True)

    def refresh(self) -> None:
        """Look at the folder again, and load what changed in it. Not for two threads at once."""
        seen = _signature(self.model_dir)
        if seen == self._seen:
            return
        before, sound, refused = self._state, {}, {}
        for path in _folders(self.model_dir):
            try:
                loaded, known = load_release(path), before.sound.get(path.name)
                same = known is not None and known.card_digest == loaded.card_digest
                sound[path.name] = known if known and same else loaded
            except ReleaseError as error:
                refused[path.name] = str(error)
                log.error("model release %s refused: %s", path.name, error)
        try:
            serving = _choose(serving_pointer.read(self.model_dir), sound, before.serving)
        except serving_pointer.PointerError as error:  # the one in service goes on
            refused[serving_pointer.NAME] = str(error)
            log.error("%s", error)
            serving = before.serving or _choose(None, sound, None)
        if serving:  # which may be damaged or gone by now: it can be asked for all the same
            serving = sound.setdefault(serving.version, serving)
        if serving and before.serving and serving is not before.serving:
            log.info("model release %s serves", serving.version)
            RELEASE_SERVING.labels(before.serving.version).set(0)
        self._state = RegistrySnapshot(sound, refused, serving)
        self._seen = seen
        self.report()

    def report(self) -> None:
        """Set the metrics; each worker has its own."""
        RELEASES_REFUSED.set(len(self._state.refused))
        if serving := self._state.serving:
            RELEASE_SERVING.labels(serving.version).set(1)

    def watch(self) -> None:
        """Refresh every second, in a thread of this process's own."""
        self.report()
        threading.Thread(target=self._watch, name="releases", daemon=True).start()

    def _watch(self) -> None:
        while True:
            time.sleep(INTERVAL)
            try:
                self.refresh()
                self._readable = True
            except Exception:
                if self._readable:  # told once, not every second
                    log.exception("the folder of releases can't be read; the release serves on")
                self._readable = False


def _choose(
    pointed: serving_pointer.Pointer | None, sound: dict[str, Release], before: Release | None
) -> Release | None:
    """The pointed release; where it is not sound the one in service, or the one before it."""
    if pointed and pointed.serving in sound:
        return sound[pointed.serving]
    if pointed and before:
        return before
    if pointed and pointed.previous in sound:
        return sound[pointed.previous]
    newest = max(sound, key=order, default=None)
    if before and (newest is None or order(newest) < order(before.version)):
        return before
    return sound[newest] if newest else None


def _folders(model_dir: Path) -> list[Path]:
    return sorted(p for p in model_dir.iterdir() if VERSION.fullmatch(p.name) and p.is_dir())


def _signature(model_dir: Path) -> object:
    """Differs when a file of a release, or the pointer, was written or may be read."""
    paths = [model_dir / serving_pointer.NAME]
    for folder in _folders(model_dir):
        with suppress(OSError):  # one that may not be read; loading it says so
            paths += sorted(path for path in folder.iterdir() if path.is_file())
    found = []
    for path in paths:
        with suppress(OSError):
            status = path.stat()
            found.append((path, status.st_ctime_ns, status.st_size, status.st_ino))
    return found


def order(version: str) -> tuple[int, ...]:
    """The numbers of a version, by which versions sort."""
    return tuple(map(int, version.split(".")))
