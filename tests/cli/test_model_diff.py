"""`churn model diff`: what it says of two releases, and of customers decided otherwise."""

from __future__ import annotations

import csv
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.cli.model_diff import diff
from app.config import ROOT, Settings
from app.predictions.scorer import Scorer
from app.releases.registry import ReleaseRegistry
from app.releases.release_loader import Release, load_release
from model.scorecard_file import from_dict
from tests.releases.commands import run
from tools.release_copies import change_contract, change_scorecard, copy_release

SHIPPED = Settings().model_dir
SAMPLE = ROOT / "model" / "sample_customers.csv"


def found(model_dir: Path, *args: str) -> dict[str, Any]:
    ended = run(diff, model_dir, *args, "--format", "json")
    assert ended.exit_code == 0, ended.output
    content: dict[str, Any] = json.loads(ended.stdout)
    return content


@pytest.fixture(scope="module")
def releases() -> dict[str, Release]:
    return {release.version: release for release in ReleaseRegistry(SHIPPED).all()}


def rows() -> list[dict[str, Any]]:
    with SAMPLE.open(newline="") as file:
        return [*csv.DictReader(file)]


@pytest.fixture
def model_dir(tmp_path: Path) -> Path:
    """A release twice."""
    folder = tmp_path / "releases"
    for version in ("1.1.0", "1.3.0"):
        copy_release(SHIPPED / "1.1.0", folder / version)
    return folder


def read_sample(release: Release, rows: list[dict[str, str]]) -> list[dict[str, Any]]:
    """Read cells by hand, apart from the readers that the command uses."""
    kinds: dict[str, Callable[[str], Any]] = {
        "integer": int,
        "number": float,
        "boolean": lambda text: text == "true",
        "category": str,
    }
    return [
        {f.name: kinds[f.type](row[f.name]) if row[f.name] else None for f in features}
        for features in (release.contract.features,)
        for row in rows
    ]


def test_flips_are_those_of_both_scorers(tmp_path: Path, releases: dict[str, Release]) -> None:
    """Release 1.0.0 has points for the unknown, and no policy `value`; cells are emptied."""
    one, other = releases["1.0.0"], releases["1.2.0"]
    customers = rows()
    for number, row in enumerate(customers):
        row[("partner", "total_charges", "online_backup")[number % 3]] = ""
    file = tmp_path / "customers.csv"
    with file.open("w", newline="") as target:
        writer = csv.DictWriter(target, customers[0].keys())
        writer.writeheader()
        writer.writerows(customers)
    told = found(SHIPPED, "1.0.0", "1.2.0", "--data", str(file))["customers"]
    features = read_sample(one, customers)
    flags = {
        (release.version, policy): [
            scored["prediction"] == "churn"
            for scored in Scorer(release.scorecard, release.contract).score_many(features, policy)
        ]
        for release in (one, other)
        for policy in release.scorecard.policies
    }
    flipped = set()
    for policy in one.scorecard.policies:
        was, now = flags["1.0.0", policy], flags["1.2.0", policy]
        assert told["policies"][policy] == {
            "before": sum(was),
            "after": sum(now),
            "to_churn": sum(b and not a for a, b in zip(was, now, strict=True)),
            "to_no_churn": sum(a and not b for a, b in zip(was, now, strict=True)),
        }
        flipped |= {n for n, pair in enumerate(zip(was, now, strict=True)) if len({*pair}) > 1}
    only_new = {"before": None, "after": sum(flags["1.2.0", "value"]), "to_churn": 0}
    assert told["policies"]["value"] == {**only_new, "to_no_churn": 0}
    assert (told["customers"], told["left_out"], told["changed"]) == (200, 0, len(flipped))
    assert flipped
    shown = [customers[n]["customer_id"] for n in sorted(flipped)][:20]
    assert [flip["id"] for flip in told["first"]] == shown
    first = Scorer(one.scorecard, one.contract).score(features[min(flipped)])
    assert told["first"][0]["before"] == pytest.approx(first["churn_probability"], abs=1e-12)


def test_the_test_part_is_compared_by_default_on_one_screen() -> None:
    ended = run(diff, SHIPPED, "1.0.0", "1.2.0")
    assert ended.exit_code == 0
    lines = ended.stdout.splitlines()
    assert lines[0] == "1.0.0 -> 1.2.0"
    assert "unknown features: points of their own -> inferred from the known ones" in lines
    assert any(line.startswith("customers: 1057, ") for line in lines)
    for said in ("high_precision            0.726", "only 1.2.0 has it", "break-even", "roc_auc "):
        assert said in ended.stdout
    assert len(lines) <= 60
    assert max(map(len, lines)) <= 160


def test_a_planted_change_is_the_only_one(model_dir: Path) -> None:
    """Its size, its place, the customers that it moves, and the term that moved them."""

    def change(content: dict[str, Any]) -> None:
        term = next(t for t in content["terms"] if t["features"] == ["contract"])
        term["points"][term["bins"][0]["values"].index("One year")] += 3
        stored = content["selftest"]
        content["selftest"] = [s for s in stored if s["features"].get("contract") != "One year"]

    before = load_release(model_dir / "1.1.0").scorecard
    change_scorecard(model_dir / "1.3.0", change)
    told = found(model_dir, "1.1.0", "1.3.0", "--data", str(SAMPLE))
    (term,) = told["terms"]
    assert (term["term"], term["change"]) == ("contract", "points")
    assert term["where"][0]["value"] == "One year"
    assert term["after"] - term["before"] == pytest.approx(3)
    others = ("contract", "unknown_features", "intercept", "thresholds", "metrics", "economics")
    assert not any(told[key] for key in others)
    contracts = {row["customer_id"]: row["contract"] for row in rows()}
    assert told["customers"]["first"]
    for flip in told["customers"]["first"]:
        assert contracts[flip["id"]] == "One year"
        assert (flip["moved"], flip["effect"]) == ("contract", pytest.approx(3))
        assert flip["policies"]["default" if "default" in flip["policies"] else "high_recall"]
    assert before.policies.keys() == told["customers"]["policies"].keys()


def test_another_threshold_flips_decisions_and_moves_no_term(model_dir: Path) -> None:
    change_scorecard(model_dir / "1.3.0", lambda c: c["policies"].update(default=0.3))
    told = found(model_dir, "1.1.0", "1.3.0", "--data", str(SAMPLE))
    assert told["thresholds"] == {"default": {"before": 0.5, "after": 0.3}}
    assert told["terms"] == []
    assert {flip["moved"] for flip in told["customers"]["first"]} == {None}
    assert all(0.3 <= flip["before"] < 0.5 for flip in told["customers"]["first"])


def test_the_same_release_under_two_versions_is_said_to_be_the_same(model_dir: Path) -> None:
    ended = run(diff, model_dir, "1.1.0", "1.3.0")
    assert (ended.exit_code, ended.output) == (
        0,
        "1.1.0 and 1.3.0 differ in nothing but the version\n",
    )
    assert run(diff, model_dir, "1.1.0", "1.1.0").output.endswith("differ in nothing\n")
    assert found(model_dir, "1.1.0", "1.3.0")["same"]


def test_releases_with_other_contracts_are_compared_in_what_both_have(
    model_dir: Path, tmp_path: Path
) -> None:
    """Customers that one of the contracts refuses are left out, the first one with the reason."""

    def narrower(features: dict[str, Any]) -> None:
        features["tenure"]["maximum"] = 50
        del features["partner"]

    shutil.rmtree(model_dir / "1.1.0")
    copy_release(SHIPPED / "1.0.0", model_dir / "1.0.0")

    def change(content: dict[str, Any]) -> None:
        content["terms"] = [t for t in content["terms"] if t["features"] != ["partner"]]
        without = from_dict(content)
        for stored in content["selftest"]:
            stored["features"].pop("partner", None)
            stored["log_odds"] = without.log_odds(stored["features"])

    change_scorecard(model_dir / "1.3.0", change)
    change_contract(model_dir / "1.3.0", narrower)
    told = found(model_dir, "1.0.0", "1.3.0", "--data", str(SAMPLE))
    assert told["contract"] == {"removed": ["partner"], "added": [], "changed": ["tenure"]}
    long = sum(int(row["tenure"]) > 50 for row in rows())
    assert (told["customers"]["customers"], told["customers"]["left_out"]) == (200 - long, long)
    ended = run(diff, model_dir, "1.0.0", "1.3.0", "--data", str(SAMPLE))
    assert "feature contracts differ: removed partner; changed tenure" in ended.output
    assert f"{long} left out; the first: sample_customers.csv:2: tenure" in ended.output


def test_the_customers_of_a_folder_are_its_test_part(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    for name in ("1.0.0", "1.1.0"):
        shutil.copytree(SHIPPED / name, folder / "releases" / name)
    for name in ("features.yaml", "card.yaml"):
        shutil.copy(ROOT / "model" / name, folder)
    with (folder / "past.csv").open("w", newline="") as target:
        writer = csv.writer(target)
        customers = [{**row, "left": n % 2} for n, row in enumerate(rows())]
        writer.writerows([customers[0].keys(), *(row.values() for row in customers)])
    (folder / "training.yaml").write_text("data: past.csv\ntarget: left\n")
    told = found(SHIPPED, "1.0.0", "1.1.0", "--from", str(folder))
    assert told["customers"]["customers"] == 30
    (folder / "past.csv").write_text("tenure\n")
    ended = run(diff, SHIPPED, "1.0.0", "1.1.0", "--from", str(folder))
    assert (ended.exit_code, ended.output.count("\n")) == (2, 1)


def test_without_the_training_extra_all_but_customers_is_compared(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "model.training.release_writer", None)
    monkeypatch.setitem(sys.modules, "numpy", None)
    ended = run(diff, SHIPPED, "1.0.0", "1.1.0")
    assert ended.exit_code == 0
    assert ended.output.splitlines()[-1].startswith("customers: not compared: ")
    assert ended.output.endswith("give --data FILE\n")


FAULTS = {
    "no such release": (["1.0.0", "9.9.9"], 2, "there is no release 9.9.9"),
    "a path": (["../releases/1.0.0", "1.1.0"], 2, "there is no release"),
    "no file": (["1.0.0", "1.1.0", "--data", "nowhere.csv"], 2, "does not exist"),
    "no id": (["1.0.0", "1.1.0", "--data", "FILE"], 2, "no column"),
    "a folder of nothing": (["1.0.0", "1.1.0", "--from", "FOLDER"], 2, "churn model init"),
    "both": (["1.0.0", "1.1.0", "--from", "FOLDER", "--data", "FILE"], 2, "leave it out"),
}


@pytest.mark.parametrize(("args", "status", "said"), FAULTS.values(), ids=FAULTS)
def test_a_mistake_is_one_line(tmp_path: Path, args: list[str], status: int, said: str) -> None:
    file = tmp_path / "file.csv"
    file.write_text("tenure\n1\n")
    given = {"FILE": str(file), "FOLDER": str(tmp_path)}
    ended = run(diff, SHIPPED, *(given.get(arg, arg) for arg in args))
    assert (ended.exit_code, ended.stdout) == (status, "")
    assert said in ended.stderr.splitlines()[-1]


def test_a_refused_release_is_one_line(model_dir: Path, churn: Callable[..., Any]) -> None:
    (model_dir / "1.3.0" / "scorecard.json").write_text("{}")
    ended = churn("model", "diff", "1.1.0", "1.3.0", MODEL_DIR=str(model_dir))
    assert (ended.returncode, ended.stdout, ended.stderr.count("\n")) == (1, "", 1)
    assert "release 1.3.0 is refused: scorecard.json" in ended.stderr
