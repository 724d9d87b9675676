"""The contract of features belongs to the release: which one requests are checked against."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.config import Settings
from app.releases.registry import ReleaseRegistry
from app.releases.release_loader import ReleaseError, load_release
from app.releases.serving_pointer import Pointer, write
from model.feature_file import load_contract
from model.features import Contract
from tests.apps import listening, make_app
from tests.prediction_bodies import CONTRACT, REQUIRED
from tests.problems import assert_problem
from tools.release_copies import change_contract, copy_release
from tools.servers import Server, fetch, gunicorn, wait_until

ORIGINAL = Settings().model_dir / "1.0.0"
LATER = {**REQUIRED, "tenure": 700}
"""A customer that only the wider contract accepts."""


def widen(features: dict[str, Any]) -> None:
    features["tenure"]["maximum"] = 900


@pytest.fixture
def model_dir(tmp_path: Path) -> Path:
    """The shipped release in service, and one with a wider contract beside it."""
    folder = tmp_path / "releases"
    copy_release(ORIGINAL, folder / "1.0.0")
    copy_release(ORIGINAL, folder / "1.1.0")
    change_contract(folder / "1.1.0", widen)
    write(folder, Pointer("1.0.0"))
    return folder


CHANGES: dict[str, Callable[[dict[str, Any]], object]] = {
    "a type": lambda f: f["senior_citizen"].update(type="integer", minimum=0, maximum=1, example=0),
    "a minimum": lambda f: f["tenure"].update(minimum=1),
    "a maximum": widen,
    "a unit": lambda f: f["tenure"].update(unit="weeks"),
    "a value": lambda f: f["contract"]["values"].append("Three year"),
    "required": lambda f: f["partner"].update(required=True),
    "a feature": lambda f: f.pop("partner"),
}
WORDS: dict[str, Callable[[dict[str, Any]], object]] = {
    "a label": lambda f: f["tenure"].update(label="Months"),
    "a description": lambda f: f["tenure"].update(description="Since the customer joined."),
    "an example": lambda f: f["tenure"].update(example=13),
    "aliases": lambda f: f["tenure"].update(aliases=["months"]),
    "codes": lambda f: f["partner"].update(codes={"single": False}),
    "monotone": lambda f: f["tenure"].update(monotone="decreasing"),
    "actionable": lambda f: f["contract"].update(actionable=True),
    "when missing": lambda f: f["total_charges"].update(when_missing="unknown"),
    "order of values": lambda f: f["contract"]["values"].reverse(),
    "order": lambda f: f.update(tenure=f.pop("tenure")),
    "12.0 for 12": lambda f: f["tenure"].update(maximum=600.0),
}


def changed(path: Path, change: Callable[[dict[str, Any]], object]) -> Contract:
    change_contract(path, change)
    return load_contract(path / "features.yaml")


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_another_meaning_is_another_contract(
    model_dir: Path, change: Callable[[dict[str, Any]], object]
) -> None:
    assert changed(model_dir / "1.0.0", change).digest != CONTRACT.digest


@pytest.mark.parametrize("change", WORDS.values(), ids=WORDS)
def test_other_words_are_the_same_contract(
    model_dir: Path, change: Callable[[dict[str, Any]], object]
) -> None:
    assert changed(model_dir / "1.0.0", change).digest == CONTRACT.digest


def test_comments_and_descriptions_of_a_release_may_change(
    model_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither refuses the release nor replaces it, and nothing is logged."""
    known = ReleaseRegistry(model_dir)
    serving, file = known.serving, model_dir / "1.0.0" / "features.yaml"
    text = file.read_text()
    with listening(caplog):
        file.write_text("# A comment\n" + text.replace("Whole months since", "Full months since"))
        known.refresh()
    assert (known.serving, known.refused, caplog.messages) == (serving, {}, [])
    assert ReleaseRegistry(model_dir).serving is not None


def test_a_scorecard_of_another_contract_is_refused(model_dir: Path) -> None:
    file = model_dir / "1.0.0" / "features.yaml"
    file.write_bytes((model_dir / "1.1.0" / "features.yaml").read_bytes())
    with pytest.raises(ReleaseError, match=r"another contract than features\.yaml"):
        load_release(model_dir / "1.0.0")


@pytest.mark.parametrize("text", ["features: {", "[]", "[" * 100_000, ""])
def test_a_release_with_a_broken_contract_is_refused(model_dir: Path, text: str) -> None:
    (model_dir / "1.0.0" / "features.yaml").write_text(text)
    with pytest.raises(ReleaseError, match=r"features\.yaml"):
        load_release(model_dir / "1.0.0")


def test_a_new_release_with_another_contract_waits(
    model_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """If it is promoted, the newest without a pointer, or replaces the folder."""
    for change in (
        lambda: write(model_dir, Pointer("1.1.0", "1.0.0")),
        (model_dir / "serving.json").unlink,
        lambda: change_contract(model_dir / "1.0.0", widen),
    ):
        write(model_dir, Pointer("1.0.0"))
        known = ReleaseRegistry(model_dir)
        serving = known.serving
        caplog.clear()
        with listening(caplog):
            change()
            known.refresh()
            known.refresh()
        assert known.serving is serving
        assert known.waiting
        assert caplog.messages == [
            f"model release {known.waiting.version} has another feature contract: "
            "it serves after a restart"
        ]


def test_the_first_release_of_an_empty_server_may_have_to_wait(tmp_path: Path) -> None:
    """Its schemas are already made, from the contract in the package."""
    folder = tmp_path / "releases"
    folder.mkdir()
    known = ReleaseRegistry(folder)
    copy_release(ORIGINAL, folder / "1.0.0")
    copy_release(ORIGINAL, folder / "1.1.0")
    change_contract(folder / "1.1.0", widen)
    known.refresh()
    assert known.serving
    assert known.waiting
    assert (known.serving.version, known.waiting.version) == ("1.0.0", "1.1.0")


def test_schemas_are_those_of_the_release_that_serves_at_the_start(model_dir: Path) -> None:
    """The document, single predictions and batches use its contract."""
    write(model_dir, Pointer("1.1.0"))
    client = make_app(model_dir=model_dir).test_client()
    document = client.get("/openapi.json").get_json()
    tenure = document["components"]["schemas"]["Features"]["properties"]["tenure"]
    assert tenure["maximum"] == 900
    assert client.post("/predict", json={"features": LATER}).status_code == 200
    batch = {"customers": [{"id": "a", "features": LATER}]}
    assert client.post("/predict/batch", json=batch).status_code == 200
    answer = client.post("/predict?version=1.0.0", json={"features": REQUIRED})
    (fault,) = assert_problem(answer, 422, "invalid-input")["errors"]
    assert fault["detail"] == (
        "Release 1.0.0 has another feature contract: it serves after a restart"
    )


def predict(server: Server, features: dict[str, Any], query: str = "") -> tuple[int, Any]:
    status, text = fetch(f"{server.url}/predict{query}", {"features": features})
    return status, json.loads(text)


def models(server: Server) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(fetch(f"{server.url}/models")[1])
    return found


def test_another_contract_is_loaded_described_served_after_a_restart_and_gone_back_from(
    model_dir: Path, tmp_path: Path, churn: Callable[..., Any]
) -> None:
    database = f"sqlite:///{tmp_path}/churn.sqlite3"
    environ = {"MODEL_DIR": str(model_dir), "DATABASE_URL": database, "WEB_CONCURRENCY": "1"}
    with gunicorn(tmp_path, **environ) as server:
        promoted = churn("model", "promote", "1.1.0", **environ)
        assert promoted.returncode == 0
        assert promoted.stdout.startswith(
            "1.1.0 has another feature contract: it serves after a restart"
        )
        wait_until(lambda: models(server)["waiting"] == "1.1.0", "the server sees the promotion")
        newer, older = models(server)["releases"]
        states = [(r["version"], r["serving"], r["needs_restart"]) for r in (newer, older)]
        assert states == [("1.1.0", False, True), ("1.0.0", True, False)]
        assert newer["contract"] != older["contract"] == CONTRACT.digest
        assert fetch(f"{server.url}/models/1.1.0")[0] == 200
        assert "1.1.0 has another" in fetch(f"{server.url}/health/ready")[1]
        assert predict(server, REQUIRED)[1]["model_version"] == "1.0.0"
        status, problem = predict(server, REQUIRED, "?version=1.1.0")
        assert (status, problem["errors"][0]["parameter"]) == (422, "version")
        assert predict(server, LATER)[0] == 422
    with gunicorn(tmp_path, **environ) as server:
        assert models(server)["waiting"] is None
        assert predict(server, LATER)[1]["model_version"] == "1.1.0"
        assert '"maximum": 900' in fetch(f"{server.url}/openapi.json")[1].replace(":9", ": 9")
        assert churn("model", "rollback", **environ).returncode == 0
        wait_until(lambda: models(server)["waiting"] == "1.0.0", "the server sees the rollback")
        assert predict(server, LATER)[0] == 200
    with gunicorn(tmp_path, **environ) as server:
        assert predict(server, REQUIRED)[1]["model_version"] == "1.0.0"
        assert predict(server, LATER)[0] == 422


def test_a_folder_replaced_under_a_running_server_changes_nothing_until_a_restart(
    model_dir: Path, tmp_path: Path
) -> None:
    """No request is checked against one contract and scored by a release of another."""
    with gunicorn(tmp_path, MODEL_DIR=str(model_dir), WEB_CONCURRENCY="1") as server:
        change_contract(model_dir / "1.0.0", lambda f: f["tenure"].update(required=False))
        wait_until(lambda: models(server)["waiting"] == "1.0.0", "the server sees the new folder")
        assert predict(server, REQUIRED)[0] == 200
        without = {name: value for name, value in REQUIRED.items() if name != "tenure"}
        assert predict(server, without)[0] == 422
