"""Figures of an experiment follow from its folds; whoever edits one is found out."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from app.handbook.documents.experiment_file import FIGURES, experiments
from app.handbook.documents.library import Library
from app.handbook.rules import experiment_rules, standard
from tests.handbook.rules import planted_experiments
from tests.handbook.rules.planted_experiments import FIRST, PLANTED_IN_ONE

ROOT = Path(__file__).parents[3]
TODAY = datetime.date(2026, 11, 23)


def test_an_experiment_holds_to_the_standard(folder: Path) -> None:
    before = standard.check(Library(folder), TODAY)
    planted_experiments.HELD(folder)
    assert standard.check(Library(folder), TODAY) == before
    assert [e.slug for e in experiments(folder)] == ["001-bins", "002-again"]


@pytest.fixture
def file(folder: Path) -> Path:
    """Of an experiment among the sample documents."""
    path = folder / FIRST
    path.parent.mkdir(exist_ok=True)
    return path


@pytest.mark.parametrize(("rule", "right", "wrong"), PLANTED_IN_ONE)
def test_a_planted_fault_is_found(
    folder: Path, file: Path, rule: str, right: str, wrong: str
) -> None:
    text = planted_experiments.text()
    assert right in text
    file.write_text(text.replace(right, wrong, 1))
    found = list(experiment_rules.check_file(file, FIRST, folder, TODAY))
    assert rule in {finding.rule for finding in found}, found
    file.write_text(text)
    assert list(experiment_rules.check_file(file, FIRST, folder, TODAY)) == []


def test_an_edited_digit_is_found(folder: Path, file: Path) -> None:
    """Any of them; with its line, where it can be computed again from other figures."""
    text = planted_experiments.text()
    computed = 0
    digits = [n for n in range(text.index(FIGURES), len(text)) if text[n].isdigit()]
    for place in digits[::11]:
        file.write_text(f"{text[:place]}{(int(text[place]) + 1) % 10}{text[place + 1 :]}")
        found = list(experiment_rules.check_file(file, FIRST, folder, TODAY))
        rules = {finding.rule for finding in found}
        assert rules & {"experiment", "experiment-figures", "experiment-digest"}, place
        line = text.count("\n", 0, place) + 1
        key = text.split("\n")[line - 1].strip().partition(":")[0]
        if key in ("mean", "interval", "standard_error"):
            computed += 1
            lines = {f.line for f in found if f.rule == "experiment-figures"}
            assert line in lines or "experiment" in rules, (line, found)
    assert computed > 10


def test_ours_name_the_simplest_that_is_not_beaten() -> None:
    """The three experiments of the repository, computed again from their folds."""
    found = experiments(ROOT)
    assert [e.varied for e in found[:3]] == ["factors", "pairs", "bins"]
    assert list(experiment_rules.check(ROOT, datetime.date(2999, 1, 1))) == []
    for one in found:
        unbeaten = [variant.name for variant in one.variants if not variant.is_beaten]
        assert unbeaten[0] == one.simplest_not_beaten
        assert one.by_name[one.best].difference == 0
