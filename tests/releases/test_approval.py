"""Approval of a release: who may serve without being asked for, and who must be approved."""

from __future__ import annotations

import datetime
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.cli import model_approve
from app.cli.model_approve import approve
from app.cli.promote import promote, rollback
from app.config import Settings
from app.releases.approval import NAME, Approval, read_approval, replace_release
from app.releases.commands import list_releases
from app.releases.registry import ReleaseRegistry
from app.releases.release_loader import load_release
from app.releases.serving_pointer import Pointer, write
from tests.apps import listening, make_app
from tests.releases.commands import run
from tools.release_copies import copy_release

ORIGINAL = Settings().model_dir / "1.0.0"
APPROVED = Approval("ML engineers", datetime.date(2026, 11, 29))


@pytest.fixture(scope="module")
def approved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two approved releases, to copy."""
    folder = tmp_path_factory.mktemp("approved")
    for version in ("1.0.0", "1.1.0"):
        copy_release(ORIGINAL, folder / version)
    return folder


@pytest.fixture
def model_dir(approved: Path, tmp_path: Path) -> Path:
    return shutil.copytree(approved, tmp_path / "releases")


def unapprove(model_dir: Path, *versions: str) -> None:
    for version in versions:
        (model_dir / version / NAME).unlink()


def serving(known: ReleaseRegistry) -> str:
    assert known.serving
    return known.serving.version


def test_every_release_in_the_repository_is_approved() -> None:
    for release in ReleaseRegistry(Settings().model_dir).all():
        assert release.approval, release.version


def changed(**values: object) -> Callable[[Path], object]:
    def change(path: Path) -> None:
        path.write_text(yaml.safe_dump({**yaml.safe_load(path.read_text()), **values}))

    return change


FAULTS: dict[str, Callable[[Path], object]] = {
    "another card": changed(card_sha256="0" * 64),
    "another release": changed(release="1.1.0"),
    "no team": changed(approved_by=""),
    "a team of numbers": changed(approved_by=12),
    "no day": changed(date=None),
    "a time": changed(date=datetime.datetime(2026, 11, 29, tzinfo=datetime.UTC)),
    "not YAML": lambda path: path.write_text("release: ["),
    "not UTF-8": lambda path: path.write_bytes(b"\xff\xff"),
    "a list": lambda path: path.write_text("- a"),
    "empty": lambda path: path.write_text(""),
    "too deep": lambda path: path.write_text("[" * 500),
    "a folder": lambda path: (path.unlink(), path.mkdir()),
}


@pytest.mark.parametrize("damage", FAULTS.values(), ids=FAULTS)
def test_what_doesnt_approve_these_bytes_is_logged_and_no_approval(
    model_dir: Path, caplog: pytest.LogCaptureFixture, damage: Callable[[Path], object]
) -> None:
    file = model_dir / "1.0.0" / NAME
    digest = yaml.safe_load(file.read_text())["card_sha256"]
    assert read_approval(file, digest) == APPROVED
    damage(file)
    with listening(caplog):
        assert read_approval(file, digest) is None
    (message,) = caplog.messages
    assert message.startswith("model release 1.0.0: approval.yaml")
    assert "\n" not in message


def test_another_byte_of_the_card_takes_the_approval_away(model_dir: Path) -> None:
    with (model_dir / "1.0.0" / "card.yaml").open("a") as card:
        card.write("\n")
    assert load_release(model_dir / "1.0.0").approval is None


def test_without_a_pointer_the_newest_approved_release_serves(model_dir: Path) -> None:
    unapprove(model_dir, "1.1.0")
    assert serving(ReleaseRegistry(model_dir)) == "1.0.0"
    unapprove(model_dir, "1.0.0")  # a newcomer's own folder serves without ceremony
    assert serving(ReleaseRegistry(model_dir)) == "1.1.0"


def test_a_release_serves_as_soon_as_it_is_approved(model_dir: Path) -> None:
    unapprove(model_dir, "1.1.0")
    known = ReleaseRegistry(model_dir)
    assert run(approve, model_dir, "1.1.0", "--by", "ML engineers").exit_code == 0
    known.refresh()
    assert serving(known) == "1.1.0"


@pytest.mark.parametrize("pointer", [None, Pointer("1.1.0", "1.0.0")], ids=["newest", "by name"])
def test_a_release_in_service_stays_when_its_approval_is_gone(
    model_dir: Path, caplog: pytest.LogCaptureFixture, pointer: Pointer | None
) -> None:
    """It is the same release, now without approval; another release's approval changes nothing."""
    if pointer:
        write(model_dir, pointer)
    known = ReleaseRegistry(model_dir)
    before = known.serving
    unapprove(model_dir, "1.1.0")
    with listening(caplog):
        known.refresh()
    assert before
    assert known.serving
    assert known.serving is known.get("1.1.0")
    assert (known.serving.scorecard, known.serving.approval) == (before.scorecard, None)
    assert caplog.messages == []


def test_the_api_and_the_list_say_who_approved(model_dir: Path) -> None:
    unapprove(model_dir, "1.1.0")
    newer, older = make_app(model_dir=model_dir).test_client().get("/models").json["releases"]
    assert newer["approval"] is None
    assert older["approval"] == {"team": "ML engineers", "date": "2026-11-29"}
    newest, first = run(list_releases, model_dir).output.splitlines()
    assert newest.endswith("not approved")
    assert first.endswith("approved by ML engineers on 2026-11-29  serves")


def test_promotion_asks_for_approval_and_rollback_doesnt(
    model_dir: Path, monkeypatch: pytest.MonkeyPatch, churn: Callable[..., Any]
) -> None:
    """A card that changed after it was approved needs another approval."""
    monkeypatch.setattr("app.cli.promote._rescore", lambda _: None)
    environ = {"MODEL_DIR": str(model_dir)}
    write(model_dir, Pointer("1.0.0"))
    with (model_dir / "1.1.0" / "card.yaml").open("a") as card:
        card.write("# One more figure was read\n")
    refused = churn("model", "promote", "1.1.0", **environ)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == (
        "Error: release 1.1.0 is not approved (approval.yaml is of another card): "
        "churn model approve 1.1.0 --by TEAM\n"
    )
    assert serving(ReleaseRegistry(model_dir)) == "1.0.0"
    approved = churn("model", "approve", "1.1.0", "--by", "Analysts", **environ)
    assert approved.stdout.startswith("1.1.0 approved by Analysts on 20")
    assert run(promote, model_dir, "1.1.0").exit_code == 0
    assert serving(ReleaseRegistry(model_dir)) == "1.1.0"
    unapprove(model_dir, "1.0.0")
    assert run(rollback, model_dir).exit_code == 0
    assert serving(ReleaseRegistry(model_dir)) == "1.0.0"


def test_approving_again_changes_nothing_and_another_team_is_told_whom_it_replaces(
    model_dir: Path,
) -> None:
    file = model_dir / "1.0.0" / NAME
    before = file.stat().st_ino
    again = run(approve, model_dir, "1.0.0", "--by", "ML engineers")
    assert (again.exit_code, file.stat().st_ino) == (0, before)
    assert again.output == "1.0.0 is approved already, by ML engineers on 2026-11-29\n"
    other = run(approve, model_dir, "1.0.0", "--by", "Analysts")
    assert "(in place of ML engineers, 2026-11-29)" in other.output
    approval = load_release(model_dir / "1.0.0").approval
    assert approval
    assert approval.team == "Analysts"


def damaged(model_dir: Path) -> None:
    (model_dir / "1.1.0" / "scorecard.json").write_text("{}")


@pytest.mark.parametrize(
    ("version", "team", "status", "said"),
    [
        ("1.0.0", "ML engineer", 2, "write ML engineers"),
        ("1.0.0", "Nobody we know", 2, "Teams: Service team, On-call team, ML engineers"),
        ("9.9.9", "Analysts", 2, "there is no release 9.9.9"),
        ("../1.0.0", "Analysts", 2, "there is no release ../1.0.0"),
        ("1.1.0", "Analysts", 1, "release 1.1.0 is refused: scorecard.json"),
    ],
)
def test_what_cannot_be_approved_is_one_line_and_nothing_is_written(
    model_dir: Path, version: str, team: str, status: int, said: str
) -> None:
    damaged(model_dir)
    unapprove(model_dir, "1.0.0", "1.1.0")
    ended = run(approve, model_dir, version, "--by", team)
    assert ended.exit_code == status
    assert said in ended.output.splitlines()[-1]
    assert not [*model_dir.rglob(NAME)]


def test_without_a_list_of_teams_any_team_approves(
    model_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model_approve, "ROOT", tmp_path)
    assert run(approve, model_dir, "1.0.0", "--by", "Retention team").exit_code == 0
    assert run(approve, model_dir, "1.0.0", "--by", "tbd").exit_code == 2


def test_a_release_that_is_rebuilt_keeps_the_approval_of_the_same_card_only(
    model_dir: Path,
) -> None:
    folder = model_dir / "1.0.0"
    files = {path.name: path.read_bytes() for path in folder.iterdir() if path.name != NAME}
    replace_release(folder, files)
    assert load_release(folder).approval == APPROVED
    replace_release(folder, {**files, "card.yaml": files["card.yaml"] + b"\n"})
    assert load_release(folder).approval is None
    assert not (folder / NAME).exists()


def test_in_service_needs_no_approval(model_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It writes down what serves anyhow."""
    unapprove(model_dir, "1.0.0")
    monkeypatch.setattr("app.cli.promote._in_service", lambda: "1.0.0")
    monkeypatch.setattr("app.cli.promote._rescore", lambda _: None)
    ended = run(promote, model_dir, "--in-service")
    assert (ended.exit_code, ended.output) == (0, "1.0.0 serves (1.1.0 before)\n")
