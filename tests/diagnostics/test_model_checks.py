"""Each fault of the releases is found by its own check, and mended as the runbook says."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from app.diagnostics.checks import GROUPS
from app.releases import serving_pointer
from app.releases.registry import ReleaseRegistry
from app.releases.serving_pointer import Pointer, write
from tools.release_changes import two_releases
from tools.release_copies import change_contract, change_scorecard
from tools.servers import churn, fetch, gunicorn, wait_until

Fault = Callable[[Path], object]


def damage(model_dir: Path) -> None:
    file = model_dir / "1.1.0" / "scorecard.json"
    file.write_bytes(file.read_bytes().replace(b"0", b"1", 1))


def other_contract(model_dir: Path) -> None:
    file = model_dir / "1.1.0" / "features.yaml"
    file.write_text(file.read_text().replace("maximum: 600", "maximum: 700", 1))


def broken_contract(model_dir: Path) -> None:
    (model_dir / "1.1.0" / "features.yaml").write_text("features: {")


def other_scores(model_dir: Path) -> None:
    """With digests that are right."""
    change_scorecard(model_dir / "1.1.0", lambda card: card.update(intercept=card["intercept"] + 1))


def bad_pointer(model_dir: Path) -> None:
    (model_dir / serving_pointer.NAME).write_text("1.1.0\n")


def promoted(model_dir: Path) -> None:
    """A release with another contract than the one in service."""
    change_contract(model_dir / "1.1.0", lambda features: features["tenure"].update(maximum=700))
    write(model_dir, Pointer("1.1.0", "1.0.0"))


@pytest.mark.parametrize(
    ("fault", "cause"),
    [
        (damage, "damaged"),
        (other_contract, "contract"),
        (broken_contract, "contract"),
        (other_scores, "selftest"),
        (bad_pointer, "pointer"),
        (promoted, "waiting"),
    ],
)
def test_a_fault_is_found_by_its_check_alone(tmp_path: Path, fault: Fault, cause: str) -> None:
    """With the time when it was made."""
    model_dir = two_releases(tmp_path)
    known = ReleaseRegistry(model_dir)
    assert findings(known) == []
    fault(model_dir)
    known.refresh()
    assert findings(known) == [cause], known.refused
    assert GROUPS["model"].checks[cause](known).since is not None


def test_no_release_in_service_is_a_cause_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODEL_DIR", str(tmp_path))  # no other test's server counts
    assert findings(ReleaseRegistry(tmp_path)) == ["serving"]


def test_a_release_that_gives_other_scores_is_rolled_back_and_withdrawn(tmp_path: Path) -> None:
    model_dir = two_releases(tmp_path)
    other_scores(model_dir)
    write(model_dir, Pointer("1.1.0", "1.0.0"))
    environ = {"MODEL_DIR": str(model_dir), "DATABASE_URL": f"sqlite:///{tmp_path}/own.sqlite3"}
    assert churn("diagnose", "model.selftest", **environ).returncode == 1
    assert churn("model", "rollback", **environ).returncode == 0
    done = churn("model", "withdraw", **environ)
    assert done.stdout == "1.1.0 withdrawn: 1.1.0.withdrawn\n", done.stderr
    assert churn("diagnose", "model", **environ).returncode == 0
    damage_all(model_dir)
    refused = churn("model", "withdraw", **environ)
    assert refused.returncode == 1
    assert "no other release can serve" in refused.stderr
    assert (model_dir / "1.0.0").is_dir()


def damage_all(model_dir: Path) -> None:
    (model_dir / "1.0.0" / "scorecard.json").write_text("{}")


def test_a_damaged_pointer_is_written_again_for_the_release_in_service(tmp_path: Path) -> None:
    """Which isn't the newest, that a new process would take."""
    model_dir = two_releases(tmp_path)
    environ = {"MODEL_DIR": str(model_dir), "WEB_CONCURRENCY": "1"}
    environ["DATABASE_URL"] = f"sqlite:///{tmp_path}/own.sqlite3"
    refused = churn("model", "promote", "--in-service", **environ)
    assert "no running worker says which release it serves" in refused.stderr
    with gunicorn(tmp_path, **environ) as server:
        bad_pointer(model_dir)
        wait_until(
            lambda: "serving.json" in fetch(f"{server.url}/health/ready")[1], "it is refused"
        )
        assert churn("model", "promote", "--in-service", **environ).returncode == 0
        pointer = json.loads((model_dir / serving_pointer.NAME).read_text())
        assert pointer["serving"] == "1.0.0"
        wait_until(
            lambda: "serving.json" not in fetch(f"{server.url}/health/ready")[1], "it is read"
        )
    assert churn("model", "promote", **environ).returncode == 2


def findings(known: ReleaseRegistry) -> list[str]:
    return [name for name, check in GROUPS["model"].checks.items() if not check(known).ok]
