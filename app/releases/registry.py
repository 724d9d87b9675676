"""The folder of releases, and which one serves. No Flask inside."""

from __future__ import annotations

import logging
import re
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from app.observability.metrics import RELEASE_SERVING, RELEASE_WAITING, RELEASES_REFUSED
from app.releases import serving_pointer
from app.releases.release_choice import choose, order
from app.releases.release_loader import Release, ReleaseError, load_release
from model.feature_file import load_contract
from model.features import Contract

log = logging.getLogger(__name__)

VERSION = re.compile(r"\d{1,6}\.\d{1,6}\.\d{1,6}", re.ASCII)
INTERVAL = 1.0
"""Seconds between two looks at the folder."""

NEEDS_RESTART = "has another feature contract: it serves after a restart"


@dataclass(frozen=True)
class Refusal:
    """Why a release or the pointer is refused: in words, and the kind of reason."""

    reason: str
    kind: str


@dataclass(frozen=True)
class RegistrySnapshot:
    """The folder's state at one moment; replaced as a whole, so readers need no lock."""

    sound: dict[str, Release]
    """Includes the one that serves, even if its files are gone by now."""

    refused: dict[str, Refusal]
    serving: Release | None
    waiting: Release | None
    """The one chosen to serve, if its contract is not this registry's."""


class ReleaseRegistry:
    """The releases in one folder, and the one that serves.

    The pointer says which release serves. Without one the newest that is approved does, or the
    newest if none is. A damaged release is refused, named in `refused` with the reason, and logged.
    The release in service stays in service, even if it is the damaged one, or its approval is gone.

    Schemas and checks are made once, from the contract of the release that serves at the start. A
    release whose contract differs in meaning is loaded and waits for a restart.

    Args:
        model_dir: one sub-folder for each version, and the pointer.
    """

    def __init__(self, model_dir: Path) -> None:
        self.model_dir = model_dir
        self._seen: object = None
        self._readable = True
        self._state = RegistrySnapshot({}, {}, None, None)
        self._contract: Contract | None = None
        self.refresh()
        self._contract = self.serving.contract if self.serving else load_contract()

    @property
    def contract(self) -> Contract:
        """The contract that requests are checked against."""
        return cast(Contract, self._contract)

    @property
    def serving(self) -> Release | None:
        """The release that answers predictions, or None if none can."""
        return self._state.serving

    @property
    def waiting(self) -> Release | None:
        """The release that serves after a restart, because its contract is another, or None."""
        return self._state.waiting

    @property
    def refused(self) -> dict[str, Refusal]:
        """The reason why each refused version is refused."""
        return self._state.refused

    def get(self, version: str) -> Release | None:
        """The sound release of that version, or None."""
        return self._state.sound.get(version)

    def can_answer(self, release: Release) -> bool:
        """Whether the release has the contract that requests are checked against."""
        return self._contract is None or release.contract.digest == self._contract.digest

    def all(self) -> list[Release]:
        """Every sound release, newest first."""
        return sorted(self._state.sound.values(), key=lambda r: order(r.version), reverse=True)

    def refresh(self) -> None:
        """Read the folder again, and load what changed in it; one thread at a time."""
        seen = _signature(self.model_dir)
        if seen == self._seen:
            return
        before, sound, refused = self._state, {}, dict[str, Refusal]()
        for path in _folders(self.model_dir):
            try:
                sound[path.name] = _kept(before.sound.get(path.name), load_release(path))
            except ReleaseError as error:
                refused[path.name] = Refusal(str(error), error.kind)
                log.error("model release %s refused: %s", path.name, error)
        served = before.serving
        if served and (now := sound.get(served.version)) and now.card_digest == served.card_digest:
            served = now  # its approval may be another
        ready = {version: r for version, r in sound.items() if self.can_answer(r)}
        try:
            pointed = serving_pointer.read(self.model_dir)
            serving, chosen = (choose(pointed, among, served) for among in (ready, sound))
        except serving_pointer.PointerError as error:  # the release in service stays
            refused[serving_pointer.NAME] = Refusal(str(error), "pointer")
            log.error("%s", error)
            serving = chosen = served or choose(None, ready, None)
        waiting = None if chosen is None or self.can_answer(chosen) else chosen
        if serving:  # its files may be damaged or gone by now
            sound[serving.version] = serving
        if serving and before.serving and serving.card_digest != before.serving.card_digest:
            log.info("model release %s serves", serving.version)
            RELEASE_SERVING.labels(before.serving.version).set(0)
        if waiting and not (before.waiting and before.waiting.card_digest == waiting.card_digest):
            log.warning("model release %s %s", waiting.version, NEEDS_RESTART)
        self._state = RegistrySnapshot(sound, refused, serving, waiting)
        self._seen = seen
        self.report()

    def report(self) -> None:
        """Set the metrics; each worker has its own."""
        RELEASES_REFUSED.set(len(self._state.refused))
        RELEASE_WAITING.set(self._state.waiting is not None)
        if serving := self._state.serving:
            RELEASE_SERVING.labels(serving.version).set(1)

    def watch(self) -> None:
        """Refresh every second, in a thread."""
        self.report()
        threading.Thread(target=self._watch, name="releases", daemon=True).start()

    def _watch(self) -> None:
        while True:
            time.sleep(INTERVAL)
            try:
                self.refresh()
                self._readable = True
            except Exception:
                if self._readable:  # logged once, not every second
                    log.exception("can't read the folder of releases; the release keeps serving")
                self._readable = False


def _kept(known: Release | None, loaded: Release) -> Release:
    """Return what was known of a release that is the same, with the approval as it is now."""
    if known is None or known.card_digest != loaded.card_digest:
        return loaded
    if known.approval == loaded.approval:
        return known
    return replace(known, approval=loaded.approval)


def _folders(model_dir: Path) -> list[Path]:
    return sorted(p for p in model_dir.iterdir() if VERSION.fullmatch(p.name) and p.is_dir())


def _signature(model_dir: Path) -> object:
    """Differ whenever a file of a release, or the pointer, was written or became readable."""
    paths = [model_dir / serving_pointer.NAME]
    for folder in _folders(model_dir):
        with suppress(OSError):  # unreadable; loading it reports that
            paths += sorted(path for path in folder.iterdir() if path.is_file())
    found = []
    for path in paths:
        with suppress(OSError):
            status = path.stat()
            found.append((path, status.st_ctime_ns, status.st_size, status.st_ino))
    return found
