"""Reads the folder of releases and says which one serves. No Flask inside."""

from __future__ import annotations

import hashlib
import json
import logging
import re
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from app.metrics import RELEASE_SERVING, RELEASES_REFUSED
from app.releases import pointer
from model.features import Contract, ContractError, load_contract
from model.scorecard import Scorecard, ScorecardError, load_scorecard

log = logging.getLogger(__name__)

VERSION = re.compile(r"\d{1,6}\.\d{1,6}\.\d{1,6}", re.ASCII)
INTERVAL = 1.0
"""Seconds between two looks at the folder."""


class ReleaseError(ValueError):
    """A release that must not serve; the message says why, without paths."""


@dataclass(frozen=True, eq=False)
class Release:
    """A release whose files match its card and whose self-test passes."""

    version: str
    path: Path
    scorecard: Scorecard
    contract: Contract
    card: dict[str, Any]
    evaluation: dict[str, Any]
    digests: dict[str, str]
    """SHA-256 of each file, by name."""


@dataclass(frozen=True)
class State:
    """What is known of the folder at one moment; replaced whole, so readers need no lock."""

    sound: dict[str, Release]
    refused: dict[str, str]
    serving: Release | None


class Releases:
    """The releases under one folder, and the one that serves.

    The pointer says which serves; without one, the newest sound release does. A release that is
    damaged is refused, named in `refused` with the reason, and logged; the one in service goes on.

    Args:
        model_dir: one sub-folder a version, and the pointer.
    """

    def __init__(self, model_dir: Path) -> None:
        self.model_dir = model_dir
        self._seen: object = None
        self._state = State({}, {}, None)
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
                sound[path.name] = load_release(path)
            except ReleaseError as error:
                refused[path.name] = str(error)
                log.error("model release %s refused: %s", path.name, error)
        serving = _choose(pointer.read(self.model_dir), sound, before.serving)
        if serving and before.serving and serving is not before.serving:
            log.info("model release %s serves", serving.version)
            RELEASE_SERVING.labels(before.serving.version).set(0)
        self._state = State(sound, refused, serving)
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
            except Exception:
                log.exception("the folder of releases could not be read; the release serves on")


def _choose(
    pointed: pointer.Pointer | None, sound: dict[str, Release], before: Release | None
) -> Release | None:
    """The pointed release; where it is not sound the one in service, or the one before it."""
    if pointed and pointed.serving in sound:
        return sound[pointed.serving]
    if pointed and before:
        return before
    if pointed and pointed.previous in sound:
        return sound[pointed.previous]
    if not sound:
        return before
    return sound[max(sound, key=order)]


def _folders(model_dir: Path) -> list[Path]:
    return sorted(p for p in model_dir.iterdir() if VERSION.fullmatch(p.name) and p.is_dir())


def _signature(model_dir: Path) -> object:
    """Differs when a file of a release, or the pointer, was written."""
    paths = [model_dir / pointer.NAME]
    for folder in _folders(model_dir):
        paths += sorted(path for path in folder.iterdir() if path.is_file())
    found = []
    for path in paths:
        with suppress(FileNotFoundError):
            status = path.stat()
            found.append((path, status.st_mtime_ns, status.st_size, status.st_ino))
    return found


def load_release(path: Path) -> Release:
    """Read one release and hold it against its card.

    Raises:
        ReleaseError: a file is missing or unreadable, a digest differs, the release was made for
            another feature contract, or a stored input no longer gives its stored score.
    """
    try:
        card = yaml.load((path / "card.yaml").read_bytes(), _Loader)["model_card"]  # noqa: S506
        digests = {a["file"]: a["sha256"] for a in card["artifacts"]}
        for name, expected in digests.items():
            if hashlib.sha256((path / name).read_bytes()).hexdigest() != expected:
                raise ReleaseError(f"{name} is not the file whose digest the card states")
        scorecard = load_scorecard(path / "scorecard.json")
        evaluation = json.loads((path / "evaluation.json").read_bytes())
        contract = load_contract()
    except OSError as error:
        name = Path(error.filename).name if error.filename else path.name
        raise ReleaseError(f"{name}: {error.strerror}") from None
    except (yaml.YAMLError, KeyError, TypeError) as error:
        raise ReleaseError(f"card.yaml is not a model card: {_line(error)}") from None
    except (ScorecardError, ContractError, ValueError) as error:
        raise ReleaseError(_line(error)) from None
    if "scorecard.json" not in digests:
        raise ReleaseError("card.yaml states no digest of scorecard.json")
    if scorecard.version != path.name:
        raise ReleaseError(f"scorecard.json says version {scorecard.version}")
    if scorecard.contract_digest != contract.digest:
        raise ReleaseError("the release was made for another model/features.yaml")
    if failures := scorecard.verify():
        raise ReleaseError(f"self-test failed: {failures[0]}")
    return Release(path.name, path, scorecard, contract, card, evaluation, digests)


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:300]


def order(version: str) -> tuple[int, ...]:
    """The numbers of a version, by which versions sort."""
    return tuple(map(int, version.split(".")))


_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
