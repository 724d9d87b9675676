"""`churn handbook review` and `list`: what is due, and how a review is signed."""

from __future__ import annotations

import datetime
import json
import subprocess
from operator import itemgetter
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from prometheus_client import REGISTRY

from app.handbook import commands
from app.services import services_of
from tests.handbook.conftest import make_app

RUNBOOK = "runbooks/high-api-latency.md"
TODAY = datetime.date(2026, 11, 23)


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "_today", lambda: TODAY)


@pytest.fixture
def book(folder: Path) -> Flask:
    app = make_app(folder, None)
    app.add_url_rule("/docs", "docs")
    return app


def run(book: Flask, *args: str, answer: str = "") -> Result:
    return book.test_cli_runner().invoke(commands.handbook, args, input=answer)


def git(folder: Path, *args: str) -> None:
    who = ("-c", "user.name=Platform team", "-c", "user.email=platform@example.org")
    subprocess.run(["git", *who, *args], cwd=folder, check=True, capture_output=True)


def test_a_review_is_signed_after_a_yes(book: Flask, folder: Path) -> None:
    """It shows the document, its age and its findings; then date and reviewer are set."""
    file = folder / RUNBOOK
    before = file.read_text("utf-8")
    result = run(book, "review", "high-api-latency", "--by", "Data team", answer="y\n")
    assert result.exit_code == 0, result.output
    assert "### 2. Look at the workers" in result.stdout
    assert "Last reviewed 2026-10-20, 34 days ago: due by 2027-01-18" in result.stdout
    after = before.replace("2026-10-20", "2026-11-23").replace(
        "Machine learning team, Customer success",
        "Machine learning team, Customer success, Data team",
    )
    assert file.read_text("utf-8") == after


def test_only_a_team_of_the_list_signs(book: Flask, folder: Path) -> None:
    """If there is a list."""
    (folder / "owners.yaml").write_text("teams:\n  - {name: Data team, owns: data}\n")
    result = run(book, "review", "high-api-latency", "--by", "data engineers", answer="y\n")
    assert result.exit_code == 2
    assert "write Data team, or add the team there" in result.stderr
    assert run(book, "review", "high-api-latency", "--by", "Data team", answer="y\n").exit_code == 0


@pytest.mark.parametrize("answer", ["n\n", "\n", ""])
def test_without_a_yes_nothing_changes(book: Flask, folder: Path, answer: str) -> None:
    before = (folder / RUNBOOK).read_bytes()
    assert run(book, "review", RUNBOOK, "--by", "Data team", answer=answer).exit_code == 1
    assert (folder / RUNBOOK).read_bytes() == before


def test_a_team_signs_once_and_a_guide_gains_reviewers(book: Flask, folder: Path) -> None:
    for _ in range(2):
        result = run(book, "review", "onboarding", "--by", "Platform team", answer="y\n")
        assert result.exit_code == 0
        book = make_app(folder, None)
    footer = (folder / "guides" / "onboarding.md").read_text("utf-8").splitlines()[-3:]
    assert footer == [
        "**Last Updated**: 2026-11-23",
        "**Owner**: Platform team",
        "**Reviewers**: Platform team",
    ]
    book.add_url_rule("/docs", "docs")
    assert run(book, "check", "--strict", str(folder / "guides" / "onboarding.md")).exit_code == 0


def test_what_changed_since_is_read_from_git(book: Flask, folder: Path) -> None:
    """The log is of the document and of the files that it links to."""
    git(folder, "init", "--quiet")
    for path, words in (
        (RUNBOOK, "The runbook itself"),
        ("guides/onboarding.md", "What it links to"),
        ("deploy", "Neither"),
    ):
        git(folder, "add", path)
        git(folder, "commit", "--quiet", "-m", words)
    shown = run(book, "review", "high-api-latency", "--by", "Data team", answer="n\n").stdout
    assert "Changes since then" in shown
    assert "The runbook itself" in shown
    assert "What it links to" in shown
    assert "Neither" not in shown


def test_without_git_the_review_goes_on(book: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    result = run(book, "review", "onboarding", "--by", "Data team", answer="y\n")
    assert result.exit_code == 0
    assert "Can't tell what changed since" in result.stdout


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("nowhere", "--by", "Data team"), "there is no document 'nowhere'"),
        (("001-pickle", "--by", "Data team"), "is a decision: supersede it instead"),
        (("2026-11-12-slow-lookups", "--by", "Data team"), "is an incident"),
        (("onboarding", "--by", "Jane Doe"), "'Jane Doe' looks like a person"),
        (("onboarding", "--by", " "), "is not a team"),
        (("onboarding",), "Missing option '--by'"),
    ],
)
def test_a_review_that_cannot_be_is_wrong_usage(
    book: Flask, args: tuple[str, ...], words: str
) -> None:
    result = run(book, "review", *args, answer="y\n")
    assert result.exit_code == 2
    assert words in result.stderr


def test_a_slug_of_two_documents_needs_its_path(book: Flask, folder: Path) -> None:
    (folder / "guides" / "high-api-latency.md").write_text("# A\n")
    book = make_app(folder, None)
    result = run(book, "review", "high-api-latency", "--by", "Data team", answer="y\n")
    assert result.exit_code == 2
    assert f"{RUNBOOK} or guides/high-api-latency.md" in result.stderr


def test_the_list_begins_with_what_is_due(book: Flask) -> None:
    lines = run(book, "list").stdout.splitlines()
    assert lines[0].split() == [
        "kind",
        "slug",
        "owner",
        "last",
        "updated",
        "review",
        "by",
        "status",
    ]
    assert lines[1].split()[1] == "model-release-refused"
    assert lines[1].endswith("overdue")
    assert len(lines) == 9
    overdue = run(book, "list", "--overdue").stdout.splitlines()[1:]
    assert [line.split() for line in overdue] == [lines[1].split()]


def test_the_list_as_json_is_that_of_the_service(
    book: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same entries as `/handbook.json`, with alerts and findings, model cards among them."""
    monkeypatch.setattr("app.handbook.web.routes._today", lambda: TODAY)
    served = book.test_client().get("/handbook.json").get_json()["documents"]
    listed = json.loads(run(book, "list", "--format", "json").stdout)
    assert sorted(listed, key=itemgetter("url", "slug")) == sorted(
        served, key=itemgetter("url", "slug")
    )
    assert {"runbook", "adr", "guide", "incident", "model card", "experiment"} == {
        entry["kind"] for entry in listed
    }
    assert [entry["slug"] for entry in listed if entry["findings"]] == ["model-release-refused"]


@pytest.mark.parametrize(("day", "count"), [(1, 0), (31, 1)], ids=["before", "after"])
def test_overdue_documents_are_counted_at_the_scrape(
    book: Flask, monkeypatch: pytest.MonkeyPatch, day: int, count: int
) -> None:
    """A process that runs for months counts by the day of the scrape."""

    class Clock(datetime.datetime):
        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> datetime.datetime:
            return cls(2026, 8, day, tzinfo=tz)

    monkeypatch.setattr("app.handbook.datetime.datetime", Clock)
    for refresh in services_of(book).before_scrape:
        refresh()
    assert REGISTRY.get_sample_value("churn_documents_overdue") == count
