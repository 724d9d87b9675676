"""Reviews of documents: what to look at, and the date and team that sign one."""

from __future__ import annotations

import datetime
import subprocess
from pathlib import Path

from app.handbook.documents import link_targets
from app.handbook.documents.document_types import Document, Guide
from app.handbook.documents.library import Library
from app.handbook.editing import line_edits
from app.handbook.rules import team_names

_SECONDS = 10


class ReviewError(ValueError):
    """A review that cannot be signed; the message says what would be right."""


def find(library: Library, name: str) -> Document:
    """The runbook or guide with a slug, or with the path of its file or page.

    Raises:
        ReviewError: there is none, there are two, or it is a decision.
    """
    wanted = name.strip("/").removesuffix(".md")
    found = [d for d in library if wanted in (d.slug, d.path.removesuffix(".md"))]
    if not found:
        raise ReviewError(f"there is no document {name!r}: churn handbook list names them")
    if len(found) > 1:
        paths = " or ".join(document.path for document in found)
        raise ReviewError(f"{name!r} may be {paths}: give the path")
    if found[0].kind == "adr":
        raise ReviewError(
            f"{found[0].path} is a decision: it isn't reviewed but superseded, "
            "with churn handbook new adr TITLE --supersedes NNN"
        )
    return found[0]


def changes(root: Path, document: Document) -> list[str]:
    """What git has recorded since the last review, of the document and of what it links to.

    One line a commit, the newest first. The log informs the reviewer and nothing else: of a
    shallow clone it may be short.

    Raises:
        ReviewError: there is no history to read.
    """
    resolved = (link_targets.resolve(document.path, k.target) for k in document.text.outline.links)
    paths = {
        k.path for k in resolved if k.kind in ("document", "file") and (root / k.path).exists()
    }
    inside = sorted(path for path in paths if not path.startswith(".."))
    command = ["git", "log", "--date=short", "--format=%ad %h %s"]
    if document.last_updated:
        # By the day: what was committed on the day of the review may have come after it.
        command.append(f"--since={document.last_updated.isoformat()}T00:00:00")
    try:
        done = subprocess.run(
            [*command, "--", document.path, *inside],
            cwd=root,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        raise ReviewError("git cannot be asked here") from None
    if done.returncode:
        raise ReviewError("these documents are under no version control")
    return done.stdout.splitlines()


def sign(root: Path, document: Document, team: str, today: datetime.date) -> None:
    """Set the date of the last review, and add the team to the reviewers.

    Raises:
        ReviewError: the team is none, or the document has no date to set.
    """
    if fault := team_names.fault(team):
        raise ReviewError(fault)
    file = root / document.path
    updated = document.footer.get("last updated")
    if updated is None:
        raise ReviewError(f"{document.path} has no **Last Updated**: add it to the footer first")
    line_edits.replace_line(file, updated.line, f"**{updated.name}**: {today.isoformat()}")
    reviewers = document.footer.get("reviewers")
    if reviewers is not None:
        named = [name.strip() for name in reviewers.value.split(",") if name.strip()]
        if team.lower() not in (name.lower() for name in named):
            line = f"**{reviewers.name}**: {', '.join([*named, team])}"
            line_edits.replace_line(file, reviewers.line, line)
    elif isinstance(document, Guide):
        last = max(field.line for field in document.footer.values())
        line_edits.insert_line(file, last, f"**Reviewers**: {team}")
