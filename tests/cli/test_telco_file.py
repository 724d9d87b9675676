"""The telco file of IBM is scored, loaded and trained on as it is."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from click.testing import CliRunner

from app.cli.model_commands import model as model_command
from app.cli.model_init import init
from model.training import pair_selection
from tests.customers.telco import telco_file

Churn = Callable[..., CompletedProcess[str]]

ROWS = 1500
"""Training refuses fewer: their thresholds are not precise."""


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("telco") / "Telco-Customer-Churn.csv"
    path.write_text(telco_file(ROWS))
    return path


def test_it_is_scored(churn: Churn, file: Path, tmp_path: Path) -> None:
    output = tmp_path / "scores.csv"
    done = churn("score", str(file), "--output", str(output), "--strict")
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{ROWS} read, {ROWS} scored, 0 rejected\n"
    with output.open(newline="") as cells:
        first = next(csv.DictReader(cells))
    assert first["customer_id"] == "0000-TELCO"


def test_it_is_loaded(churn: Churn, file: Path, tmp_path: Path) -> None:
    environ = {"DATABASE_URL": f"sqlite:///{tmp_path / 'churn.sqlite3'}"}
    assert churn("database", "upgrade", **environ).returncode == 0
    done = churn("customers", "load", str(file), "--strict", **environ)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{ROWS} read, {ROWS} loaded, 0 rejected\n"


@pytest.fixture
def _quick_training(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pair_selection, "FOLDS", 3)
    monkeypatch.setattr(pair_selection, "GRID", pair_selection.GRID[2:3])
    monkeypatch.setattr(pair_selection, "PAIR_COUNTS", ())


@pytest.mark.usefixtures("_quick_training")
def test_it_is_trained_on(file: Path) -> None:
    """With the shipped contract."""
    trained = CliRunner().invoke(model_command, ["train", "--data", str(file)])
    assert trained.exit_code == 0, trained.stderr
    assert "; 19 features" in trained.stdout
    assert f"{file.name}: read as comma-separated, UTF-8; left out: customerID\n" in trained.stderr


@pytest.mark.usefixtures("_quick_training")
def test_so_is_the_contract_that_is_drafted_from_it(file: Path, tmp_path: Path) -> None:
    drafted = CliRunner().invoke(init, [str(file), "--output", str(tmp_path)])
    assert drafted.exit_code == 0, drafted.stderr
    assert f"customerID: {ROWS} different texts, too many for a category\n" in drafted.stdout
    trained = CliRunner().invoke(model_command, ["train", "--from", str(tmp_path)])
    assert trained.exit_code == 0, trained.stderr
    assert "; 19 features" in trained.stdout


def test_a_release_is_measured_on_it(file: Path) -> None:
    measured = CliRunner().invoke(model_command, ["evaluate", "1.0.0", "--data", str(file)])
    assert measured.exit_code == 0, measured.stderr
    assert measured.stdout.startswith("roc_auc ")
