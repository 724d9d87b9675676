"""Reviews of documents: what to look at, and signing with date and team."""

from __future__ import annotations

import datetime
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

from app.handbook.documents import link_targets, teams
from app.handbook.documents.document_text import FIELD
from app.handbook.documents.document_types import Document, Guide
from app.handbook.documents.library import Library
from app.handbook.documents.sections import Field
from app.handbook.editing.line_edits import edited
from app.handbook.rules import team_names

_SECONDS = 10
_DATE = re.compile(r"\b\d{4}-\d{2}-\d{2}\b", re.ASCII)


class ReviewError(ValueError):
    """The review cannot be signed; the message says what to give."""


def find(library: Library, name: str) -> Document:
    """Find a runbook or guide by its slug, or by the path of its file or page.

    Raises:
        ReviewError: no document or more than one matches, or its kind is not reviewed.
    """
    wanted = name.strip("/").removesuffix(".md")
    found = [d for d in library if wanted in (d.slug, d.path.removesuffix(".md"))]
    if not found:
        raise ReviewError(f"there is no document {name!r}: churn handbook list names them")
    if len(found) > 1:
        paths = " or ".join(document.path for document in found)
        raise ReviewError(f"{name!r} may be {paths}: give the path")
    if found[0].kind == "incident":
        raise ReviewError(f"{found[0].path} is an incident: it tells what was, and has no review")
    if found[0].kind == "adr":
        raise ReviewError(
            f"{found[0].path} is a decision: supersede it instead, "
            "with churn handbook new adr TITLE --supersedes NNN"
        )
    return found[0]


def most_overdue(library: Library, today: datetime.date) -> Document:
    """Find the document whose review has been overdue for longest.

    Raises:
        ReviewError: no review is overdue.
    """
    overdue = [document for document in library if document.is_overdue(today)]
    if not overdue:
        raise ReviewError("no review is overdue: name the document")
    return min(overdue, key=lambda document: (document.review_by or today, document.path))


def changes(root: Path, document: Document) -> list[str]:
    """List the commits since the last review, of the document and of what it links to.

    One line for each commit, the newest first. The log only informs the reviewer; in a shallow
    clone it may be incomplete.

    Raises:
        ReviewError: there is no history to read.
    """
    resolved = (link_targets.resolve(document.path, k.target) for k in document.text.outline.links)
    paths = {
        k.path
        for k in resolved
        if k.kind in ("document", "file", "image") and (root / k.path).exists()
    }
    inside = sorted(path for path in paths if not path.startswith(".."))
    command = ["git", "log", "--date=short", "--format=%ad %h %s"]
    if document.last_updated:
        # Including the day of the review: a commit of that day may be later.
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
        raise ReviewError("git is not available here") from None
    if done.returncode:
        raise ReviewError("these documents are not under version control")
    return done.stdout.splitlines()


def check_team(root: Path, name: str) -> None:
    """Check that a name is a team's, and in the list of teams if there is one.

    Raises:
        ReviewError: it isn't.
    """
    names = [team.name for team in teams.read(root)[0]]
    if fault := team_names.fault(name) or (team_names.unknown(name, names) if names else None):
        raise ReviewError(fault)


def sign(root: Path, document: Document, team: str, today: datetime.date) -> None:
    """Set the date of the last review, and add the team to the reviewers.

    All other text stays.

    Raises:
        ReviewError: the name is not a team's, or the document has no date.
    """
    check_team(root, team)
    updated, reviewers = document.footer.get("last updated"), document.footer.get("reviewers")
    if updated is None:
        raise ReviewError(f"{document.path} has no **Last Updated**: add it to the footer first")
    written = document.text.lines
    line = _dated(written, updated)
    with edited(root / document.path) as lines:
        lines.replace(line, _with_date(written[line - 1], today))
        if reviewers is not None:
            if not _names(reviewers.paragraph, team):
                lines.replace(*_with_reviewer(written, reviewers, team))
        elif isinstance(document, Guide):
            last = max(document.footer.values(), key=lambda field: field.line)
            lines.insert(_paragraph_end(written, last.line), f"**Reviewers**: {team}")


def _dated(lines: Sequence[str], updated: Field) -> int:
    """Find the line with a field's date, or the field's first line if it is empty.

    Raises:
        ReviewError: the field has words, but no date.
    """
    first, end = updated.line, _paragraph_end(lines, updated.line)
    if _DATE.search(lines[first - 1]):
        return first
    for number in range(first + 1, end + 1):
        if _DATE.match(lines[number - 1].lstrip()):
            return number
    if lines[first - 1].rstrip(" \t\\*").endswith(":"):
        return first
    raise ReviewError(f"line {first}: **{updated.name}** has no date such as 2026-01-31")


def _with_date(line: str, today: datetime.date) -> str:
    if _DATE.search(line):
        return _DATE.sub(today.isoformat(), line, count=1)
    text, rest = _tail(line)
    return f"{text} {today.isoformat()}{rest}"


def _names(paragraph: str, team: str) -> bool:
    """Whether a list of reviewers contains the team, even if more text follows."""
    wanted = re.escape(" ".join(team.split()))
    return bool(re.search(rf"(?:^|,)\s*{wanted}\s*(?:,|$)", paragraph, re.I))


def _with_reviewer(lines: Sequence[str], reviewers: Field, team: str) -> tuple[int, str]:
    """Return the line to replace, and its text with the team.

    After a comma, a list continues in the next line. If other text follows directly, the last name
    may continue in it, so the team is put first.
    """
    number, end = reviewers.line, _paragraph_end(lines, reviewers.line)
    while number < end and lines[number - 1].rstrip(" \t\\").endswith(","):
        number += 1
    if number == end:
        text, rest = _tail(lines[number - 1])
        comma = "" if text.endswith((",", ":", "**")) else ","
        return number, f"{text}{comma} {team}{rest}"
    first = lines[reviewers.line - 1]
    head, names = first.split(":", 1)
    marks = names[: len(names) - len(names.lstrip("* "))] or " "
    return reviewers.line, f"{head}:{marks}{team}, {names.lstrip('* ')}"


def _tail(line: str) -> tuple[str, str]:
    """Split a line into its text and the blanks or backslash that break the line."""
    text = line.rstrip(" \t\\")
    return text, line[len(text) :]


def _paragraph_end(lines: Sequence[str], number: int) -> int:
    """Return the last line of a field's paragraph."""
    while number < len(lines) and lines[number].strip() and not FIELD.match(lines[number]):
        number += 1
    return number
