"""Who approved a release: `approval.yaml` beside its card, for the bytes that the card states."""

from __future__ import annotations

import datetime
import logging
from dataclasses import dataclass
from pathlib import Path

import yaml

from app.writing.atomic_files import atomic_write, replace_folder

log = logging.getLogger(__name__)

NAME = "approval.yaml"
"""Of the file in a release's folder."""


@dataclass(frozen=True)
class Approval:
    """The team that approved a release, and the day."""

    team: str
    date: datetime.date


def read_approval(path: Path, card_digest: str) -> Approval | None:
    """Read the approval of a release; None if there is none, or none of these bytes.

    A file that is no approval of this release is logged.

    Args:
        path: of the file, in the release's folder.
        card_digest: SHA-256 of the card, which states those of the other files.
    """
    release = path.parent.name
    try:
        found = yaml.safe_load(path.read_bytes())
        team, day = found["approved_by"], found["date"]
        if not isinstance(team, str) or not team.strip() or type(day) is not datetime.date:
            raise TypeError("approved_by is a team, date is a day")
        approves = (found["release"], found["card_sha256"])
    except FileNotFoundError:
        return None
    except OSError as error:
        log.warning("model release %s: %s: %s", release, NAME, error.strerror)
    except (yaml.YAMLError, ValueError, LookupError, TypeError, RecursionError) as error:
        text = " ".join(str(error).split())[:200]
        log.warning("model release %s: %s is no approval: %s", release, NAME, text)
    else:
        if approves == (release, card_digest):
            return Approval(team, day)
        log.warning("model release %s: %s approves another card", release, NAME)
    return None


def unapproved(folder: Path) -> str:
    """Say of a release without a fitting approval what is the matter."""
    return (
        f"not approved ({NAME} is of another card)" if (folder / NAME).exists() else "not approved"
    )


def write_approval(folder: Path, card_digest: str, approval: Approval) -> None:
    """Approve a release; a reader sees the old approval or the new one.

    Raises:
        OSError: the file cannot be written.
    """
    content = {
        "release": folder.name,
        "approved_by": approval.team,
        "date": approval.date,
        "card_sha256": card_digest,
    }
    with atomic_write(folder / NAME) as file:
        file.write(yaml.safe_dump(content, sort_keys=False, allow_unicode=True))


def replace_release(folder: Path, files: dict[str, bytes]) -> None:
    """Replace a release's folder; the approval of a card that comes out the same stays.

    Raises:
        OSError: a file cannot be read or written.
    """
    card, approval = folder / "card.yaml", folder / NAME
    if approval.is_file() and card.is_file() and card.read_bytes() == files["card.yaml"]:
        files = {**files, NAME: approval.read_bytes()}
    replace_folder(folder, files)
