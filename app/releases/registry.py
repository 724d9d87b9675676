"""Reads the folder of releases and says which one serves. No Flask inside."""

from __future__ import annotations

import hashlib
import json
import logging
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from model.features import Contract, ContractError, load_contract
from model.scorecard import Scorecard, ScorecardError, load_scorecard

log = logging.getLogger(__name__)

_VERSION = re.compile(r"\d+\.\d+\.\d+\Z")


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


@dataclass
class Releases:
    """The releases under one folder.

    The newest sound release serves. One that is damaged is refused, named in `refused` with the
    reason, and logged; the others are unaffected.
    """

    model_dir: Path
    sound: dict[str, Release] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Read every release."""
        for path in self.model_dir.iterdir():
            if not (path.is_dir() and _VERSION.match(path.name)):
                continue
            try:
                self.sound[path.name] = load_release(path)
            except ReleaseError as error:
                self.refused[path.name] = str(error)
                log.error("model release %s refused: %s", path.name, error)

    @property
    def serving(self) -> Release | None:
        """The release that answers predictions, or None where none is sound."""
        return self.sound[max(self.sound, key=_order)] if self.sound else None

    def get(self, version: str) -> Release | None:
        """The sound release of that version, or None."""
        return self.sound.get(version)

    def all(self) -> list[Release]:
        """Every sound release, newest first."""
        return sorted(self.sound.values(), key=lambda r: _order(r.version), reverse=True)


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


def _order(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
