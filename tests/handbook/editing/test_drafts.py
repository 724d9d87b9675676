"""`churn handbook new`: skeletons pass the check only after they are filled in."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest
from click.testing import Result
from flask import Flask

from app.handbook.commands import handbook
from app.handbook.documents import skeletons
from tests.handbook.conftest import make_app

OWN_WORDS = {
    "P1 (Critical)": "P1 (Critical), P2",
    "ChurnApiLatencyHigh": "the name of the alert rule",
    "`make bench`": "the test that shows",
    "Platform team": "the team",
    "../guides/onboarding.md": "its path",
    "https://example.org/a": "its address",
    "03:12 UTC": "the time, such as",
    "[A cause](../runbooks/high-api-latency.md#cause-2-too-few-workers)": "a link to the cause",
    "P1": "P1, P2 or P3",
}
"""Replacements of places, by how the place begins; others get words."""


def run(book: Flask, *args: object) -> Result:
    return book.test_cli_runner().invoke(handbook, [*map(str, args)])


def fill(file: Path) -> None:
    """Put words where the skeleton asks for them."""

    def own(match: re.Match[str]) -> str:
        return next(
            (own for own, start in OWN_WORDS.items() if match[1].startswith(start)), "Some words"
        )

    file.write_text(re.sub(r"<([^<>\n]+)>", own, file.read_text("utf-8")), "utf-8")


@pytest.fixture
def book(folder: Path) -> Flask:
    """The sample's folder, its overdue runbook left out."""
    (folder / "runbooks" / "model-release-refused.md").unlink()
    return make_app(folder, None)


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("データ基盤の障害", "データ基盤の障害"),
        ("Задержка API", "задержка-api"),
        ("हिन्दी शीर्षक", "हिन्दी-शीर्षक"),
        ("Größe über alles", "grosse-uber-alles"),
        ("5xx rate", "5xx-rate"),
        ("Don\u2019t panic", "dont-panic"),
        ("長" * 100, "長" * 60),
    ],
)
def test_a_title_in_any_script_names_its_file(
    book: Flask, folder: Path, title: str, name: str
) -> None:
    """And its page opens."""
    assert run(book, "new", "guide", title).output.startswith(f"guides/{name}.md")
    fill(folder / f"guides/{name}.md")
    checked = run(book, "check", folder)
    assert "[name]" not in checked.output
    reader = make_app(folder, None).test_client()
    assert "<h1" in reader.get(f"/guides/{name}").text
    assert reader.get(f"/guides/{quote(name)}").status_code == 200


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("runbook", "runbooks/the-queue-is-full.md"),
        ("adr", "adrs/003-the-queue-is-full.md"),
        ("guide", "guides/the-queue-is-full.md"),
        ("incident", "incidents/{today}-the-queue-is-full.md"),
    ],
)
def test_a_skeleton_passes_once_it_is_filled_in(
    book: Flask, folder: Path, kind: str, path: str
) -> None:
    """Empty, the check names what is still to be written; filled in, it finds nothing."""
    path = path.format(today=datetime.now(UTC).date())
    made = run(book, "new", kind, "The queue is full")
    assert (made.exit_code, made.stdout) == (0, f"{path}\n")
    file = folder / path
    empty = run(book, "check", "--strict", file)
    assert empty.exit_code == 1
    assert "[unfilled]" in empty.stdout
    fill(file)
    assert run(book, "check", "--strict", file).stdout == ""


@pytest.mark.parametrize(
    ("status", "after"),
    [
        ("Accepted", "Superseded by ADR-003"),
        ("**Accepted**.", "Superseded by ADR-003"),
        ("Accepted\n\nSupersedes ADR-001", "Superseded by ADR-003\n\nSupersedes ADR-001"),
        (
            "Accepted. Supersedes ADR-001",
            "Superseded by ADR-003\n\nUntil then: Accepted. Supersedes ADR-001",
        ),
        (
            "Accepted, but only\nfor batches of one",
            "Superseded by ADR-003\n\nUntil then: Accepted, but only\nfor batches of one",
        ),
        ("- Proposed", "- Superseded by ADR-003"),
        ("> Accepted for now", "Superseded by ADR-003\n\n> Until then: Accepted for now"),
        ("***\nAccepted", "***\nSuperseded by ADR-003"),
        ("```\nAccepted\n```\n\nMore words", "```\nSuperseded by ADR-003\n```\n\nMore words"),
    ],
)
def test_superseding_keeps_what_else_a_status_says(folder: Path, status: str, after: str) -> None:
    old = folder / "adrs" / "002-scorecard.md"
    whole = re.sub(r"(?<=## Status\n\n).*?(?=\n\n## )", status, old.read_text("utf-8"), flags=re.S)
    old.write_text(whole, "utf-8")
    made = run(make_app(folder, None), "new", "adr", "Serve tables", "--supersedes", "2")
    assert made.exit_code == 0, made.output
    assert old.read_text("utf-8") == whole.replace(status, after, 1)
    read = make_app(folder, None)
    assert "superseded by ADR-003 already" in run(read, "new", "adr", "B", "--supersedes", 2).output


def test_superseding_leaves_a_heading_that_is_underlined(folder: Path) -> None:
    old = folder / "adrs" / "002-scorecard.md"
    whole = old.read_text("utf-8").replace("## Status\n", "Status\n------\n")
    old.write_text(whole, "utf-8")
    assert run(make_app(folder, None), "new", "adr", "B", "--supersedes", "2").exit_code == 0
    after = whole.replace("\nAccepted\n", "\nSuperseded by ADR-003\n")
    assert old.read_text("utf-8") == after != whole


@pytest.mark.parametrize("status", ["Superseded", "Superseded by the tables"])
def test_a_decision_superseded_by_no_number_is_refused(folder: Path, status: str) -> None:
    """A person has to say which decision superseded it."""
    old = folder / "adrs" / "002-scorecard.md"
    whole = re.sub(r"(?<=## Status\n\n).*?(?=\n\n## )", status, old.read_text("utf-8"), flags=re.S)
    old.write_text(whole, "utf-8")
    refused = run(make_app(folder, None), "new", "adr", "Serve tables", "--supersedes", "2")
    assert refused.exit_code == 2
    assert "is superseded already" in refused.output
    assert old.read_text("utf-8") == whole
    assert not list((folder / "adrs").glob("003-*"))


def test_superseding_changes_both_decisions(book: Flask, folder: Path) -> None:
    """The older decision names its successor; no other byte changes."""
    old = folder / "adrs" / "002-scorecard.md"
    before = old.read_bytes().replace(b"\n", b"\r\n")
    old.write_bytes(before)
    made = run(book, "new", "adr", "Serve tables", "--supersedes", "2")
    assert made.stdout == "adrs/003-serve-tables.md\nadrs/002-scorecard.md\n"
    assert old.read_bytes() == before.replace(b"\r\nAccepted\r\n", b"\r\nSuperseded by ADR-003\r\n")
    fill(folder / "adrs" / "003-serve-tables.md")
    found = run(make_app(folder, None), "check", folder).stdout
    assert "supersession" not in found
    assert "status" not in found


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("adr", "A", "--supersedes", 1), "superseded by ADR-002 already"),
        (("adr", "A", "--supersedes", 9), "there is no ADR-009"),
        (("guide", "A", "--supersedes", 1), "--supersedes is only for an adr"),
        (("guide", "Onboarding"), "guides/onboarding.md exists already"),
        (("guide", "..."), "makes no file name"),
        (("guide", "<whom>"), "makes no file name"),
        (("novel", "A"), "'novel' is not one of"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_what_cannot_be_made_is_wrong_usage(
    book: Flask, folder: Path, args: tuple[object, ...], words: str
) -> None:
    """One reason, status 2, and nothing is written."""
    before = sorted(folder.rglob("*"))
    result = run(book, "new", *args)
    assert result.exit_code == 2
    assert words in result.stderr
    assert sorted(folder.rglob("*")) == before


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Über die Größe: 1 GB?", "uber-die-grosse-1-gb.md"),
        ("../../etc/passwd", "etc-passwd.md"),
        ("Don't panic\nnow", "dont-panic-now.md"),
        ("word " * 40, f"{'-'.join(['word'] * 12)}.md"),
        ("w" * 400, f"{'w' * 60}.md"),
    ],
)
def test_any_title_makes_a_plain_file_name(
    book: Flask, folder: Path, title: str, name: str
) -> None:
    assert run(book, "new", "guide", title).stdout == f"guides/{name}\n"
    assert (folder / "guides" / name).is_file()


def test_the_first_documents_need_no_folders(tmp_path: Path) -> None:
    book = make_app(tmp_path, None)
    assert run(book, "new", "adr", "Write decisions down").stdout.startswith("adrs/001-")
    assert run(make_app(tmp_path, None), "new", "adr", "Again").stdout.startswith("adrs/002-")


def test_a_guide_may_show_a_skeleton(folder: Path) -> None:
    """What the skeletons say may stand in a block of markdown."""
    shown = "\n".join(sorted(skeletons.places()))
    guide = folder / "guides" / "onboarding.md"
    guide.write_text(f"{guide.read_text('utf-8')}\n\n```markdown\n{shown}\n```\n", "utf-8")
    assert "unfilled" not in run(make_app(folder, None), "check", guide).stdout
