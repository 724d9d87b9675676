"""Releases: which one serves, switching under load, and damaged ones."""

from __future__ import annotations

import json
import logging
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from flask.testing import FlaskClient

from app.cli.promote import promote, rollback
from app.config import Settings
from app.releases.commands import list_releases
from app.releases.registry import ReleaseRegistry
from app.releases.release_loader import ReleaseError, load_release
from app.releases.serving_pointer import Pointer, write
from tests.apps import listening, make_app
from tests.prediction_bodies import REQUIRED
from tests.problems import assert_problem
from tests.releases.commands import run
from tools.release_copies import change_scorecard, copy_release
from tools.servers import Server, fetch, gunicorn, wait_until

ORIGINAL = Settings().model_dir / "1.0.0"


@pytest.fixture(autouse=True)
def own_customers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A promotion rescores the stored customers."""
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/churn.sqlite3")


@pytest.fixture
def model_dir(tmp_path: Path) -> Path:
    """A folder with the shipped release and a copy of it under a newer version."""
    folder = tmp_path / "releases"
    copy_release(ORIGINAL, folder / "1.0.0")
    copy_release(ORIGINAL, folder / "1.1.0")
    return folder


def test_the_newest_sound_release_serves_without_a_pointer(model_dir: Path) -> None:
    assert ReleaseRegistry(model_dir).serving.version == "1.1.0"  # type: ignore[union-attr]


def test_the_pointed_release_serves(model_dir: Path) -> None:
    write(model_dir, Pointer("1.0.0"))
    assert ReleaseRegistry(model_dir).serving.version == "1.0.0"  # type: ignore[union-attr]


def without_digest(path: Path) -> None:
    text = yaml.safe_load((path / "card.yaml").read_text())
    text["model_card"]["artifacts"] = []
    (path / "card.yaml").write_text(yaml.safe_dump(text))


def shift_selftest(content: dict[str, Any]) -> None:
    content["selftest"][0]["log_odds"] += 1e-6


def change_card(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    card = yaml.safe_load((path / "card.yaml").read_text())
    change(card["model_card"])
    (path / "card.yaml").write_text(yaml.safe_dump(card))


def without_a_value(content: dict[str, Any]) -> None:
    term = next(t for t in content["terms"] if t["features"] == ["contract"])
    del term["bins"][0]["values"][0], term["points"][0]


DAMAGES: dict[str, Callable[[Path], object]] = {
    "scorecard changed": lambda path: (path / "scorecard.json").write_text("{}"),
    "scorecard missing": lambda path: (path / "scorecard.json").unlink(),
    "card missing": lambda path: (path / "card.yaml").unlink(),
    "card not YAML": lambda path: (path / "card.yaml").write_text("model_card: ["),
    "card too deep": lambda path: (path / "card.yaml").write_text("[" * 100_000),
    "card a list": lambda path: (path / "card.yaml").write_text("- a"),
    "card without metrics": lambda path: change_card(path, lambda c: c.pop("metrics")),
    "a metric beyond all numbers": lambda path: change_card(
        path, lambda c: c["metrics"]["model_performance"][0].update(value=10**400)
    ),
    "a metric that is none": lambda path: change_card(
        path, lambda c: c["metrics"]["model_performance"][0].update(value=float("nan"))
    ),
    "points beyond all odds": lambda path: change_scorecard(
        path, lambda c: c["terms"][0]["points"].__setitem__(-1, 800)
    ),
    "evaluation too deep": lambda path: (path / "evaluation.json").write_text("[" * 200_000),
    "a metric in words": lambda path: change_card(
        path, lambda c: c["metrics"]["model_performance"][0].update(value="good")
    ),
    "no threshold of a policy": lambda path: change_scorecard(
        path, lambda c: c["policies"].pop("high_recall")
    ),
    "no points for a value": lambda path: change_scorecard(path, without_a_value),
    "no digest of the scorecard": without_digest,
    "another contract": lambda path: change_scorecard(path, lambda c: c.update(contract="0" * 64)),
    "another version": lambda path: change_scorecard(path, lambda c: c.update(version="9.9.9")),
    "self-test differs": lambda path: change_scorecard(path, shift_selftest),
    "not finite": lambda path: change_scorecard(path, lambda c: c.update(intercept=float("nan"))),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_release_is_refused_and_the_other_serves(
    model_dir: Path, damage: Callable[[Path], object]
) -> None:
    """The reason is one line, without the folder's path."""
    damage(model_dir / "1.1.0")
    with pytest.raises(ReleaseError) as refused:
        load_release(model_dir / "1.1.0")
    assert str(model_dir) not in str(refused.value)
    assert "\n" not in str(refused.value)
    known = ReleaseRegistry(model_dir)
    assert known.serving.version == "1.0.0"  # type: ignore[union-attr]
    assert list(known.refused) == ["1.1.0"]


@pytest.mark.parametrize("pointed", [True, False], ids=["by name", "as the newest"])
@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_damage_to_the_release_in_service_leaves_it_in_service(
    model_dir: Path, damage: Callable[[Path], object], pointed: bool
) -> None:
    if pointed:
        write(model_dir, Pointer("1.1.0", "1.0.0"))
    known = ReleaseRegistry(model_dir)
    damage(model_dir / "1.1.0")
    known.refresh()
    assert known.serving.version == "1.1.0"  # type: ignore[union-attr]
    assert known.get("1.1.0") is known.serving
    assert [release.version for release in known.all()] == ["1.1.0", "1.0.0"]
    assert "1.1.0" in known.refused


def test_a_release_that_is_gone_goes_on_until_a_newer_one_comes(model_dir: Path) -> None:
    """For example while its folder is replaced by the same version."""
    known = ReleaseRegistry(model_dir)
    shutil.rmtree(model_dir / "1.1.0")
    known.refresh()
    assert known.serving.version == "1.1.0"  # type: ignore[union-attr]
    copy_release(ORIGINAL, model_dir / "1.2.0")
    known.refresh()
    assert known.serving.version == "1.2.0"  # type: ignore[union-attr]


@pytest.mark.parametrize("name", ["card.yaml", "scorecard.json", "evaluation.json"])
def test_a_file_replaced_while_it_is_read_is_used_as_it_was_checked(
    model_dir: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Each is read once, so there is no second content to confuse it with."""
    real, reads = Path.read_bytes, []
    before = load_release(model_dir / "1.1.0")

    def then_replaced(path: Path) -> bytes:
        content = real(path)
        if path == model_dir / "1.1.0" / name:
            reads.append(path)
            path.write_bytes(b"{}")
        return content

    monkeypatch.setattr(Path, "read_bytes", then_replaced)
    loaded = load_release(model_dir / "1.1.0")
    assert len(reads) == 1
    assert loaded.card == before.card
    assert loaded.evaluation == before.evaluation
    assert loaded.scorecard.intercept == before.scorecard.intercept


def test_touching_files_brings_no_other_release_into_service(
    model_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing is logged, and the same object serves; a changed file is logged."""
    caplog.set_level(logging.INFO, "app")
    write(model_dir, Pointer("1.1.0"))
    known = ReleaseRegistry(model_dir)
    serving, other = known.serving, known.get("1.0.0")
    with listening(caplog):
        for path in sorted(model_dir.rglob("*")):
            path.touch()
        known.refresh()
        assert (known.serving, known.get("1.0.0")) == (serving, other)
        assert caplog.messages == []
        change_scorecard(model_dir / "1.1.0", lambda c: c["policies"].update(default=0.123))
        known.refresh()
        assert known.serving is not serving
    assert caplog.messages == ["model release 1.1.0 serves"]


def test_a_start_with_the_pointed_release_damaged_serves_the_one_before(model_dir: Path) -> None:
    copy_release(ORIGINAL, model_dir / "1.2.0")
    write(model_dir, Pointer("1.1.0", "1.0.0"))
    DAMAGES["scorecard missing"](model_dir / "1.1.0")
    assert ReleaseRegistry(model_dir).serving.version == "1.0.0"  # type: ignore[union-attr]


POINTERS = {
    "cut off": '{"serving": "1.0',
    "empty": "",
    "a list": "[]",
    "deep": "[" * 200_000,
    "a number": '{"serving": 1}',
    "previous a list": '{"serving": "1.0.0", "previous": []}',
    "nothing": "{}",
}


@pytest.mark.parametrize("text", POINTERS.values(), ids=POINTERS)
def test_a_damaged_pointer_changes_nothing_and_is_told(model_dir: Path, text: str) -> None:
    """The release in service stays; neither the newest nor the previous replaces it."""
    write(model_dir, Pointer("1.0.0"))
    known = ReleaseRegistry(model_dir)
    (model_dir / "serving.json").write_text(text)
    known.refresh()
    assert known.serving.version == "1.0.0"  # type: ignore[union-attr]
    assert known.get("1.0.0") is known.serving
    assert "churn model promote" in known.refused["serving.json"].reason
    write(model_dir, Pointer("1.1.0"))
    known.refresh()
    assert known.serving.version == "1.1.0"  # type: ignore[union-attr]
    assert known.refused == {}


@pytest.fixture
def no_rescoring(monkeypatch: pytest.MonkeyPatch) -> None:
    """For commands in this process, whose application has no customers."""
    monkeypatch.setattr("app.cli.promote._rescore", lambda _: None)


@pytest.mark.usefixtures("no_rescoring")
def test_promotion_mends_a_damaged_pointer(model_dir: Path) -> None:
    (model_dir / "serving.json").write_text(POINTERS["previous a list"])
    assert run(rollback, model_dir).exit_code == 1
    assert "serving.json  refused" in run(list_releases, model_dir).stdout
    assert run(promote, model_dir, "1.0.0").exit_code == 0
    assert ReleaseRegistry(model_dir).serving.version == "1.0.0"  # type: ignore[union-attr]
    assert ReleaseRegistry(model_dir).refused == {}


def test_an_empty_folder_is_not_ready_and_answers_503(tmp_path: Path) -> None:
    client = make_app(model_dir=tmp_path).test_client()
    ready = client.get("/health/ready")
    assert ready.status_code == 503
    assert ready.get_json()["parts"]["model"]["status"] == "failing"
    response = client.post("/predict", json={"features": REQUIRED})
    assert_problem(response, 503, "not-ready")
    assert int(response.headers["Retry-After"]) > 0
    assert client.get("/health/live").status_code == 200
    assert client.get("/models").get_json()["serving"] is None


def test_models_are_listed_and_described(client: FlaskClient) -> None:
    listed = client.get("/models").get_json()
    release, *older = listed["releases"]
    assert listed["serving"] == release["version"]
    assert listed["refused"] == []
    for one in (release, *older):
        assert client.get(f"/models/{one['version']}").get_json() == one
    assert release["metrics"]
    assert set(release["digests"]) >= {"scorecard.json"}
    assert_problem(client.get("/models/9.9.9"), 404, "not-found")


def test_the_command_lists_what_serves_and_what_is_refused(model_dir: Path) -> None:
    copy_release(ORIGINAL, model_dir / "1.2.0")
    DAMAGES["scorecard changed"](model_dir / "1.2.0")
    write(model_dir, Pointer("1.0.0"))
    listed = run(list_releases, model_dir)
    newest, older, refused = listed.stdout.splitlines()
    assert newest.startswith("1.1.0  20")
    assert "ROC AUC 0." in older
    assert [line.endswith("serves") for line in (newest, older)] == [False, True]
    assert refused.startswith("1.2.0  refused: scorecard.json")


@pytest.mark.usefixtures("no_rescoring")
def test_what_serves_anyhow_can_be_held_in_service(model_dir: Path) -> None:
    """A promoted release stays when a newer one is copied in; a damaged choice is replaced."""
    for pointed in (None, Pointer("1.3.0", "1.1.0")):
        if pointed:
            write(model_dir, pointed)
        assert run(promote, model_dir, "1.1.0").exit_code == 0
        assert "already" in run(promote, model_dir, "1.1.0").stdout
        copy_release(ORIGINAL, model_dir / ("1.3.0" if pointed else "1.2.0"))
        assert ReleaseRegistry(model_dir).serving.version == "1.1.0"  # type: ignore[union-attr]
    assert run(rollback, model_dir).exit_code == 1


def test_a_loaded_version_can_be_asked_for(model_dir: Path) -> None:
    client = make_app(model_dir=model_dir).test_client()
    for version in ("1.0.0", "1.1.0"):
        response = client.post(f"/predict?version={version}", json={"features": REQUIRED})
        assert response.get_json()["model_version"] == version
    batch = {"customers": [{"id": "a", "features": REQUIRED}]}
    for unknown in ("7.0.0", "x", "", "9" * 300):
        query = {"version": unknown}
        for response in (
            client.post("/predict", query_string=query, json={"features": REQUIRED}),
            client.post("/predict/batch", query_string=query, json=batch),
            client.get("/customers/nobody/prediction", query_string=query),
        ):
            (error,) = assert_problem(response, 422, "invalid-input")["errors"]
            assert error["parameter"] == "version"
            assert error["value"] == unknown[:100]
            assert error["detail"] == "Give a loaded release: 1.1.0, 1.0.0"


@pytest.fixture
def served(model_dir: Path, tmp_path: Path) -> Iterator[Server]:
    """A server over that folder, its release 1.0.0 in service."""
    write(model_dir, Pointer("1.0.0"))
    with gunicorn(tmp_path, MODEL_DIR=str(model_dir)) as server:
        yield server


def ask(server: Server) -> str:
    status, text = fetch(f"{server.url}/predict", {"features": REQUIRED})
    assert status == 200
    version: str = json.loads(text)["model_version"]
    return version


def test_workers_switch_without_a_failed_request(
    served: Server, model_dir: Path, churn: Callable[..., Any]
) -> None:
    """Promote, roll back, and try a damaged release, while a client sends requests."""
    versions: list[str] = []
    failures: list[Exception] = []
    done = threading.Event()

    def client() -> None:
        while not done.is_set():
            try:
                versions.append(ask(served))
            except (OSError, AssertionError) as error:
                failures.append(error)

    def all_answer(version: str) -> Callable[[], bool]:
        """Every worker: twenty answers in a row."""
        return lambda: all(ask(served) == version for _ in range(20))

    thread = threading.Thread(target=client)
    thread.start()
    environ = {"MODEL_DIR": str(model_dir)}
    try:
        assert churn("model", "promote", "1.1.0", **environ).returncode == 0
        wait_until(all_answer("1.1.0"), "1.1.0 serves")
        assert churn("model", "rollback", **environ).returncode == 0
        wait_until(all_answer("1.0.0"), "1.0.0 serves again")
        DAMAGES["scorecard changed"](model_dir / "1.1.0")
        refused = churn("model", "promote", "1.1.0", **environ)
        assert refused.returncode == 1
        assert "scorecard.json is not the file" in refused.stderr
        write(model_dir, Pointer("1.1.0", "1.0.0"))  # past the command, by hand
        wait_until(lambda: "1.1.0 refused" in served.log.read_text(), "the log says why")
        assert ask(served) == "1.0.0"
    finally:
        done.set()
        thread.join()
    assert failures == []
    assert set(versions) == {"1.0.0", "1.1.0"}
    wait_until(
        lambda: "1.1.0 refused" in fetch(f"{served.url}/health/ready")[1], "the workers say why"
    )


def test_promoting_what_is_not_there_is_wrong_usage(model_dir: Path) -> None:
    done = run(promote, model_dir, "3.0.0")
    assert done.exit_code == 2
    assert "3.0.0" in done.stderr


def test_rolling_back_without_a_release_before_is_a_finding(model_dir: Path) -> None:
    assert run(rollback, model_dir).exit_code == 1
    assert not (model_dir / "serving.json").exists()
