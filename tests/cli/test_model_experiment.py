"""`churn model experiment`: figures by the command, prose by people, and one line for mistakes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.cli.main import cli
from model.training import experiment, pair_selection
from tests.model.training.planted_customers import bank_export


def run(*args: object) -> tuple[int, str, str]:
    words = list(map(str, ("model", "experiment", *args)))
    done = CliRunner().invoke(cli, words, catch_exceptions=False)
    return done.exit_code, done.stdout, done.stderr


@pytest.fixture(scope="module", autouse=True)
def small_grid() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pair_selection, "GRID", ({**pair_selection.GRID[0], "max_iter": 20},))
        patch.setattr(pair_selection, "PAIR_COUNTS", (2,))
        yield


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Somebody's own folder, as `churn model init` makes it."""
    folder = tmp_path_factory.mktemp("bank")
    (folder / "customers.csv").write_text(bank_export(500))
    args = "model", "init", str(folder / "customers.csv"), "--target", "Exited"
    done = CliRunner().invoke(cli, [*args, "--output", str(folder)], catch_exceptions=False)
    assert done.exit_code == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def written(bank: Path) -> Path:
    """The file of a first experiment."""
    status, out, err = run("trees", "--vary", "max_iter=2,9", "--from", bank)
    assert status == 0, err
    file = bank / "experiments" / "001-trees.yaml"
    assert out == f"{file}\n"
    assert "variant 2 of 2: max_iter 9" in err
    return file


def check(path: Path) -> list[str]:
    done = CliRunner().invoke(cli, ["handbook", "check", str(path)])
    return re.findall(r"\[(.+)\]$", done.stdout, re.MULTILINE)


def test_only_the_prose_is_left_to_write(bank: Path, written: Path) -> None:
    """Question, owner and verdict, found in the file and in the folder."""
    assert check(written) == ["gap"] * 3
    assert sum(rule.startswith("experiment") for rule in check(bank)) == 0
    text = written.read_text()
    assert "command: churn model experiment trees --vary max_iter=2,9 --from bank" in text
    assert str(bank) not in text


def test_run_again_it_keeps_what_people_wrote_and_finds_other_figures(
    bank: Path, written: Path
) -> None:
    text = written.read_text().replace("'GAP: what do you want to know, and why?'", "Ho w  many?")
    written.write_text(text)
    again = "--again", 1, "--from", bank
    mean = re.search(r"mean: 0\.\d+", text)
    assert mean
    written.write_text(text.replace(mean[0], "mean: 0.5", 1))
    status, _, err = run(*again, "--check")
    line = text.count("\n", 0, mean.start()) + 1
    assert status == 1
    assert f"the figures differ: line {line} states 'mean: 0.5', measured is '{mean[0]}'" in err
    assert "experiment-figures" in check(written)
    status, out, _ = run(*again)
    assert (status, written.read_text()) == (0, text)
    assert "read whether the verdict still holds" in out


def test_other_customers_and_damaged_files_are_refused(bank: Path, written: Path) -> None:
    text, rows = written.read_text(), (bank / "customers.csv").read_text()
    try:
        (bank / "customers.csv").write_text(rows.replace("France", "Spain", 1))
        status, _, err = run("--again", 1, "--from", bank)
        assert (status, "run on other customers, customers.csv" in err) == (2, True)
        written.write_text(text.replace("learning_rate", "rate"))
        status, _, err = run("--again", 1, "--from", bank)
        assert (status, "training: no learning_rate" in err) == (2, True)
        written.write_text("experiment: {}\n")
        status, _, err = run("--again", 1, "--from", bank)
        assert (status, "can't be read: churn handbook check says why" in err) == (2, True)
    finally:
        written.write_text(text)
        (bank / "customers.csv").write_text(rows)
    assert "there is no" in run("--again", 9, "--from", bank)[2]


def test_an_interrupted_run_leaves_nothing(
    bank: Path, written: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(experiment, "usual", interrupted)
    args = ["model", "experiment", "x", "--vary", "bins=2,3", "--from", str(bank)]
    assert CliRunner().invoke(cli, args).exit_code == 1
    assert list(written.parent.iterdir()) == [written]


@pytest.mark.parametrize(
    ("args", "said"),
    [
        pytest.param(
            ["No Name", "--vary", "trees=1", "--owner", "Servce team", "--check"],
            ["give --again NNN", "'No Name' is no name", "'trees' can't be", "write Service team"],
            id="all at once",
        ),
        pytest.param([], ["SLUG: give", "--vary: give NAME=VALUE"], id="nothing"),
        pytest.param(
            ["a", "--again", "1", "--question", "Why?"],
            ["SLUG: leave it out with --again", "--question: leave it out"],
            id="again",
        ),
        pytest.param(["--list", "--check"], ["--check: leave it out with --list"], id="list"),
    ],
)
def test_mistakes_are_one_line(args: list[str], said: list[str]) -> None:
    status, out, err = run(*args)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert all(words in err for words in said), err


def test_the_list_names_winners_and_gains() -> None:
    status, out, _ = run("--list")
    assert status == 0
    assert out.splitlines()[:3] == [
        "001-number-of-factors: best 4 factors, simplest not beaten 4 factors: "
        "log loss 0.4456, 0.0293 less than with 0 factors",
        "002-pairs-or-none: best 0 pairs, simplest not beaten 0 pairs: "
        "log loss 0.4084, the simplest",
        "003-number-of-bins: best 32 bins, simplest not beaten 16 bins: "
        "log loss 0.4088, 0.0010 less than with 8 bins",
    ]
