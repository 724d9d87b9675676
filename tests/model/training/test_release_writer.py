"""A release's card states the measurements, and a worse model is refused."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from click.testing import CliRunner

import model.training.evaluation
import model.training.factor_fitting
import model.training.partial_customers
import model.training.release_writer
import model.training.repeated_validation
from app.cli.model_commands import model as command
from app.cli.model_options import RELEASES
from app.cli.model_verify import verify
from app.cli.training_folder import OURS
from model.economics import load_economics
from model.features import Contract
from model.training.card_writer import (
    OPTIONAL,
    PATH,
    CardError,
    beyond_limits,
    load_prose,
    with_reasons,
)
from model.training.release_writer import Candidate, sample
from model.training.threshold_choice import Goal
from model.training.training_data import Split, TrainingData
from tools.servers import ROOT

SHIPPED = RELEASES / "1.2.0"


@pytest.fixture
def run(candidate: Candidate, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run `churn model` with the training of this session in place of another one."""
    monkeypatch.setattr(
        model.training.release_writer, "make_candidate", lambda *_, economics: candidate
    )
    return lambda *args: CliRunner().invoke(command, list(map(str, args)), catch_exceptions=False)


@pytest.fixture
def card(tmp_path: Path) -> Any:
    """Write the card's prose with some keys changed."""

    def write(**changes: Any) -> Path:
        path = tmp_path / "card.yaml"
        path.write_text(yaml.safe_dump(yaml.safe_load(PATH.read_text()) | changes))
        return path

    return write


def figures(card: dict[str, Any]) -> dict[str, float]:
    return {m["metric"]: m["value"] for m in card["metrics"]["model_performance"]}


def read_card(folder: Path) -> dict[str, Any]:
    return dict(yaml.safe_load((folder / "card.yaml").read_text())["model_card"])


@pytest.fixture
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    """Measure partial customers roughly, for tests that do not read those figures."""
    monkeypatch.setattr(model.training.factor_fitting, "STEPS", 20)
    monkeypatch.setattr(model.training.partial_customers, "PATTERNS", 5)
    monkeypatch.setattr(model.training.repeated_validation, "REPEATS", 1)


@pytest.fixture
def quick(brief: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw few resamples, for tests that do not read the intervals."""
    monkeypatch.setattr(model.training.evaluation, "RESAMPLES", 20)


def test_the_shipped_release_is_rebuilt_byte_for_byte(
    run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By `churn model verify`; the figures that `churn model release` prints are the card's."""
    last = run("release", "--output", tmp_path).stdout.splitlines()[-1]
    found = re.findall(r"ROC AUC ([0-9.]+) \(([0-9.]+) to ([0-9.]+)\)", last)
    performance = read_card(SHIPPED)["metrics"]["model_performance"]
    stated = {m["metric"]: (m["value"], *m["interval"]) for m in performance}
    names = ("roc_auc_cross_validated", "roc_auc")
    assert [tuple(map(float, f)) for f in found] == [stated[name] for name in names]
    made = {path.name: path.read_bytes() for path in (tmp_path / SHIPPED.name).iterdir()}
    monkeypatch.setattr(model.training.release_writer, "make_release", lambda *_, **__: (made, {}))
    proven = CliRunner().invoke(verify, [SHIPPED.name, "--only", "rebuild"], catch_exceptions=False)
    assert proven.exit_code == 0, proven.stderr
    assert proven.stdout == f"release {SHIPPED.name}: 5 files rebuilt; findings: 0\n"


def test_digests_in_the_card_are_those_of_the_files() -> None:
    artifacts = {a["file"]: a["sha256"] for a in read_card(SHIPPED)["artifacts"]}
    assert set(artifacts) == {"scorecard.json", "evaluation.json", "economics.yaml"}
    for name, digest in artifacts.items():
        assert hashlib.sha256((SHIPPED / name).read_bytes()).hexdigest() == digest


def test_the_card_has_what_the_standard_asks_for() -> None:
    card = read_card(SHIPPED)
    expected: dict[str, tuple[str, ...]] = {
        "intended_use": ("primary_uses", "primary_users", "out_of_scope"),
        "factors": ("relevant_factors", "evaluation_factors"),
        "metrics": ("model_performance", "decision_thresholds"),
        "training_data": ("dataset", "preprocessing", "data_splits"),
        "evaluation_data": ("datasets",),
        "ethical_considerations": ("risks", "mitigations"),
        "model_details": ("algorithm", "framework", "hyperparameters", "features"),
        "references": ("papers", "related_models"),
    }
    for section, keys in expected.items():
        assert all(card[section][key] for key in keys), section
    for key in ("name", "version", "date", "description", "caveats_and_recommendations"):
        assert card[key]
    assert set(card["metrics"]["decision_thresholds"]) == {
        "default",
        "high_precision",
        "high_recall",
        "value",
    }
    assert [d["name"].partition(":")[0] for d in card["evaluation_data"]["datasets"]] == [
        "test",
        "holdout",
    ]
    assert len(card["partial_customers"]) == 4
    assert card["model_details"]["features"]["count"] == 19


def test_every_number_of_the_card_is_the_evaluations() -> None:
    evaluation = json.loads((SHIPPED / "evaluation.json").read_text())
    card = read_card(SHIPPED)
    assert figures(card) == {m["metric"]: m["value"] for m in evaluation["metrics"]}
    assert all(len(m["interval"]) == 2 for m in card["metrics"]["model_performance"])
    groups = {row["group"] for row in card["fairness"]}
    assert groups >= {"Female: yes", "Female: no", "Senior citizen: yes"}
    scorecard = json.loads((SHIPPED / "scorecard.json").read_text())
    assert card["metrics"]["decision_thresholds"] == scorecard["policies"]


def test_the_shipped_prose_is_the_prose_of_the_shipped_card(contract: Contract) -> None:
    """The shipped card contains the current card.yaml."""
    prose, card = load_prose(PATH, contract), read_card(SHIPPED)
    assert card["ethical_considerations"]["risks"] == prose["risks"]
    assert card["description"] == prose["description"]
    assert card["caveats_and_recommendations"] == prose["caveats_and_recommendations"]
    assert card["date"] == str(prose["date"])
    assert card["fairness_limits"] == prose["fairness_limits"]
    declared = [e | {"expires": str(e["expires"])} for e in prose["fairness_exceptions"]]
    assert card["fairness_exceptions"] == declared
    assert all((ROOT / path).is_file() for path in prose["decisions"])
    assert [card[key] for key in OPTIONAL] == [prose[key] for key in OPTIONAL]


def test_curve_and_distributions_are_those_of_the_test_part() -> None:
    """The area below the curve is ROC AUC; each customer is in one bin of each factor."""
    evaluation = json.loads((SHIPPED / "evaluation.json").read_text())
    curve, policies = evaluation["curve"], read_card(SHIPPED)["metrics"]["decision_thresholds"]
    assert {row["threshold"] for row in curve} >= {0.0, 0.01, 1.0, *policies.values()}
    base = curve[0]["precision"]
    falsely = [r["flagged"] * (1 - (r["precision"] or 0)) / (1 - base) for r in curve]
    area = -np.trapezoid([row["recall"] for row in curve], falsely)
    assert area == pytest.approx(evaluation["metrics"][0]["value"], abs=0.001)
    everyone, *groups = evaluation["distributions"]
    sizes = [evaluation["sizes"]["test"], *(g["customers"] for g in evaluation["fairness"])]
    assert [sum(g["stayed"] + g["left"]) for g in (everyone, *groups)] == sizes
    assert sum(everyone["left"]) / sizes[0] == pytest.approx(base, abs=0.0001)


def test_profit_follows_from_who_is_flagged() -> None:
    """At each threshold, by the release's own costs; the metrics and the card agree."""
    evaluation = json.loads((SHIPPED / "evaluation.json").read_text())
    card, costs = read_card(SHIPPED), load_economics(SHIPPED / "economics.yaml")
    for row in evaluation["curve"]:
        left = row["flagged"] * (row["precision"] or 0)
        counted = left * costs.leaver + (row["flagged"] - left) * costs.stayer
        assert row["profit"] == pytest.approx(counted, abs=0.01)
    at = {row["threshold"]: row["profit"] for row in evaluation["curve"]}
    found, policies = figures(card), card["metrics"]["decision_thresholds"]
    assert found["profit_value"] == at[policies["value"]]
    assert max(at.values()) <= found["expected_maximum_profit"]
    assert card["economics"] == evaluation["economics"]
    assert card["economics"].items() >= costs.as_stated().items()
    assert card["economics"]["value"] == policies["value"]


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    ("limits", "said"),
    [
        pytest.param({"roc_auc": 0.99}, "roc_auc: 0.86", id="below"),
        pytest.param({"log_loss": 0.01}, "log_loss: 0.39", id="above, where lower is better"),
        pytest.param({"rocauc": 0.8}, "rocauc: has a threshold but is not measured", id="misspelt"),
    ],
)
def test_a_metric_beyond_its_threshold_refuses_the_release(
    run: Any, card: Any, tmp_path: Path, limits: dict[str, float], said: str
) -> None:
    """Exit status 1, the metric named, nothing written."""
    result = run("release", "--card", card(thresholds=limits), "--output", tmp_path / "releases")
    assert result.exit_code == 1
    assert said in result.stderr.splitlines()[-1]
    assert not (tmp_path / "releases").exists()


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    ("owner", "said"),
    [
        ("ML engineers", ["recall of partner", "recall of dependents"]),
        ("ML engineer", ["fairness_exceptions"]),
    ],
    ids=["gaps without an exception", "not a team"],
)
def test_each_gap_is_refused_in_a_line_and_each_exception_has_a_team(
    run: Any, card: Any, tmp_path: Path, owner: str, said: list[str]
) -> None:
    (one, *_) = yaml.safe_load(PATH.read_text())["fairness_exceptions"]
    path = card(fairness_exceptions=[one | {"owner": owner}])
    result = run("release", "--card", path, "--output", tmp_path / "releases")
    assert result.exit_code in (1, 2)
    lines = result.stderr.splitlines()[-len(said) :]
    assert [line.partition(":")[0] for line in lines] == said
    assert not (tmp_path / "releases").exists()


def test_a_goal_that_is_missed_is_named_by_the_card(card: Any, contract: Contract) -> None:
    """Beside what people wrote; a card may have no limits at all."""
    prose = load_prose(card(thresholds={}), contract)
    said = Goal("high_precision", "precision", 0.75, 0.615).said
    goals = with_reasons(prose, {"high_precision": said})["decision_thresholds"]
    assert goals["high_precision"].startswith("The lowest threshold with 75%")
    assert goals["high_precision"].endswith(
        "No threshold reaches a precision of 75%; the nearest, which is taken, reaches 61.5%."
    )
    assert goals["high_recall"] == prose["decision_thresholds"]["high_recall"]


def test_limits_are_inclusive() -> None:
    metrics = [{"metric": "roc_auc", "value": 0.8}, {"metric": "log_loss", "value": 0.4}]
    assert beyond_limits({"thresholds": {"roc_auc": 0.8, "log_loss": 0.4}}, metrics) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"risks": []}, "risks: missing, empty"),
        ({"thresholds": "high"}, "thresholds: missing, empty"),
        (
            {"factors": {"evaluation_factors": ["tenure"]}},
            "factors: tenure is not a feature of type",
        ),
        ({"factors": {"evaluation_factors": ["sex"]}}, "factors: sex is not a feature"),
        ({"demonstration": "yes"}, "demonstration: of the wrong type"),
        ({"version": "../1"}, "version: give three numbers"),
    ],
    ids=[
        "empty",
        "wrong type",
        "a number as factor",
        "no such factor",
        "words for yes",
        "no version",
    ],
)
def test_a_fault_in_the_prose_is_named(
    card: Any, contract: Contract, changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(CardError, match=rf"^card\.yaml: {said}"):
        load_prose(card(**changes), contract)


def test_the_sample_is_of_the_test_part_without_outcomes(
    contract: Contract, customers: TrainingData, parts: Split
) -> None:
    content = OURS.sample.read_bytes().decode()
    header, *rows = content.splitlines()
    assert content == sample(contract, customers)
    assert header == ",".join(["customer_id", *contract.names])
    assert len(rows) == 200
    numbers = {int(row.partition(",")[0].removeprefix("wa-")) - 1 for row in rows}
    assert numbers <= set(parts.test.tolist())
