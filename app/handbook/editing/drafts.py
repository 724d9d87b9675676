"""Writes skeletons of new documents."""

from __future__ import annotations

import datetime
import re
from pathlib import Path

from app.handbook.documents import slugs
from app.handbook.documents.document_parser import STATUS
from app.handbook.documents.document_types import ADR, FOLDERS, file_number
from app.handbook.documents.library import Library
from app.handbook.documents.skeletons import FILLED, FOLDER, PLACE
from app.handbook.editing.line_edits import edited
from app.writing.atomic_files import atomic_write, save
from app.writing.unfinished_folders import folder_made, sweep

_LONGEST = 60
"""Characters of a file's name, of up to four bytes each."""

_NUMBER = re.compile(r"\A\d+-")

_MARK = re.compile(r"([ \t]*(?:(?:>|[-*+][ \t])[ \t]*)*).*")
"""A line, with its marks of quotations and lists as a group."""


class DraftError(ValueError):
    """The document cannot be made; the message says what to give."""


def draft(
    library: Library, kind: str, title: str, today: datetime.date, supersedes: int | None = None
) -> list[str]:
    """Write the skeleton of a document.

    Args:
        library: to which it is added.
        kind: a key of `FOLDERS`.
        title: in one line.
        today: its date.
        supersedes: for a decision, the number of the decision that it supersedes, whose status is
            changed.

    Returns:
        The paths that were written, the new document's first.

    Raises:
        DraftError: the title makes no file name, the file exists, or the older decision can't be
            superseded.
    """
    sweep(library.root / FOLDERS[kind])
    title = " ".join(title.split())
    slug = _slug(title)
    number = max((file_number(adr) or 0 for adr in library.adrs), default=0) + 1
    old = _superseded(library, supersedes, number) if supersedes is not None else None
    status = f"Accepted\n\nSupersedes ADR-{supersedes:03}" if old else "Proposed"
    text = (FOLDER / f"new-{kind}.md").read_text("utf-8")
    values = (title, f"{number:03}", today.isoformat(), status)
    for place, value in zip(FILLED, values, strict=True):
        text = text.replace(place, value)
    first = {"adr": f"{number:03}-", "incident": f"{today.isoformat()}-"}.get(kind, "")
    path = f"{FOLDERS[kind]}/{first}{slug}.md"
    file = library.root / path
    same = [adr.path for adr in library.adrs if kind == "adr" and _NUMBER.sub("", adr.slug) == slug]
    if same:  # by an interrupted run, perhaps
        raise DraftError(f"{same[0]} exists already: give another title")
    try:
        with folder_made(file.parent), atomic_write(file, replace=False) as new:
            new.write(text)
            save(new)
            if old and not old.superseded_by:
                _supersede(library.root, old, number)
    except FileExistsError:
        raise DraftError(f"{path} exists already: give another title") from None
    return [path, old.path] if old else [path]


def _slug(title: str) -> str:
    name = slugs.slug(title, _LONGEST)
    if not name or PLACE.search(title):
        raise DraftError(f"{title!r} makes no file name: give a title in words")
    return name


def _superseded(library: Library, number: int, by: int) -> ADR:
    """Find a decision that can be superseded, or is by a run that was interrupted."""
    adr = next((a for a in library.adrs if file_number(a) == number), None)
    if adr is None:
        raise DraftError(f"there is no ADR-{number:03}: give the number of an existing decision")
    if [*adr.superseded_by] == [by]:
        return adr
    if adr.superseded_by:
        raise DraftError(
            f"ADR-{number:03} is superseded by ADR-{adr.superseded_by[0]:03} already: "
            "supersede that one"
        )
    if adr.status == "Superseded":
        raise DraftError(f"{adr.path} is superseded already, without an ADR-NNN: add that first")
    if adr.section("Status") is None or not adr.status:
        raise DraftError(f"{adr.path} has no status to change: run churn handbook check {adr.path}")
    return adr


def _supersede(root: Path, adr: ADR, number: int) -> None:
    """Change a decision's status to superseded, and keep the rest of the section."""
    section = adr.section("Status")
    body = "\n".join(adr.text.lines[section.line : section.end - 1]) if section else ""
    found = STATUS.match(body)  # the line may be below a rule or the underline of a heading
    assert section and found  # noqa: S101, PT018  (the caller checked)
    line = section.line + 1 + body.count("\n", 0, found.start(1))
    text = adr.text.lines[line - 1]
    mark = _MARK.sub(r"\1", text)
    written = text[len(mark) :].strip()
    with edited(root / adr.path) as lines:
        if written.strip("*_.` \t").lower() != adr.status.lower():  # more words, which stay
            lines.replace(line, f"{mark}Until then: {written}")
            lines.insert(line - 1, f"Superseded by ADR-{number:03}")
            lines.insert(line, "")
        else:
            lines.replace(line, f"{mark}Superseded by ADR-{number:03}")
