"""An experiment that holds to the rules, and the violations that tests plant in it."""

from __future__ import annotations

import datetime
import shutil
from pathlib import Path

from app.cli.experiment_text import new_text
from model.fold_figures import compare, difference, over_folds
from tests.handbook.rules.planted import Plant, moved, nothing, swap, with_teams

FOLDER = "model/experiments"
FIRST, SECOND = f"{FOLDER}/001-bins.yaml", f"{FOLDER}/002-again.yaml"
BINS, THIRD = f"{FOLDER}/bins.yaml", f"{FOLDER}/003-again.yaml"

LOSSES = {
    "8 bins": [0.41, 0.42, 0.43, 0.44, 0.451],
    "16 bins": [0.401, 0.411, 0.423, 0.432, 0.441],
    "32 bins": [0.4, 0.412, 0.421, 0.433, 0.44],
}
"""The last is the best, and doesn't beat the second."""


def text() -> str:
    """The experiment's file, with question and verdict written."""
    best, simplest = compare(LOSSES)
    figures = {
        "command": "churn model experiment bins --vary bins=8,16,32",
        "data": {"name": "made_up", "customers": 500, "sha256": "0" * 64},
        "training": {"framework": "scikit-learn 1.9", "seed": 1, "folds": 5, "pairs": 0},
        "varied": "bins",
        "compared_by": "log_loss",
        "variants": [
            {
                "name": name,
                "value": int(name.split()[0]),
                "log_loss": over_folds(folds),
                "roc_auc": over_folds([1 - value for value in folds]),
                "difference": difference(folds, LOSSES[best]),
            }
            for name, folds in LOSSES.items()
        ],
        "best": best,
        "simplest_not_beaten": simplest,
    }
    day = datetime.date(2026, 11, 20)
    written = new_text("Bins", "How many?", day, "Platform team", figures)
    decided = written.replace("decided_in: []", "decided_in:\n  - adrs/002-scorecard.md")
    verdict = "'GAP: what follows from the figures, and what is done?'"
    return decided.replace(verdict, "Sixteen do.")


def with_experiment(plant: Plant) -> Plant:
    """Add the experiment, twice, before the violation."""

    def plant_both(folder: Path) -> None:
        shutil.rmtree(folder / FOLDER, ignore_errors=True)
        (folder / FOLDER).mkdir()
        for path in (FIRST, SECOND):
            (folder / path).write_text(text())
        plant(folder)

    return plant_both


def _swap(old: str, new: str) -> Plant:
    return with_experiment(swap(FIRST, old, new))


PLANTED_EXPERIMENTS: list[tuple[str, str, str, Plant]] = [
    ("experiment", "error", FIRST, _swap("experiment:\n", "experience:\n")),
    ("experiment-name", "error", BINS, with_experiment(moved(FIRST, BINS))),
    (
        "experiment-number",
        "error",
        FIRST,
        with_experiment(moved(SECOND, f"{FOLDER}/001-again.yaml")),
    ),
    ("experiment-number", "error", THIRD, with_experiment(moved(SECOND, THIRD))),
    ("team", "error", FIRST, with_teams(_swap("owner: Platform team", "owner: Platform crew"))),
    ("experiment-figures", "error", FIRST, _swap("mean: 0.4212", "mean: 0.4112")),
    ("experiment-digest", "error", FIRST, _swap("customers: 500", "customers: 600")),
]

PLANTED_IN_ONE: list[tuple[str, str, str]] = [
    # rule, what is in the text, what is planted for it
    ("yaml", "title: Bins", "title: ["),
    ("experiment", "best: 32", "first: 32"),
    ("experiment", "    - name: 8 bins", "    - nothing: 8 bins"),
    ("experiment", "folds: [0.41,", "folds: [none,"),
    ("gap", "Sixteen do.", "'GAP: what follows?'"),
    ("gap", "  verdict: Sixteen do.\n", ""),
    ("gap", "How many?", "''"),
    ("date", "date: 2026-11-20", "date: 2027-11-20"),
    ("link", "adrs/002-scorecard.md", "adrs/009-scorecard.md"),
    ("experiment-figures", "folds: [0.4,", "folds: [0.39,"),
    ("experiment-figures", "folds: [0.4, 0.412,", "folds: [0.4,"),
    ("experiment-figures", "best: 32", "best: 16"),
    ("experiment-figures", "beaten: 16", "beaten: 32"),
    ("experiment-figures", "value: 16", "value: 64"),
    ("experiment-digest", "--vary bins=8", "--vary bins=4"),
]


HELD: Plant = with_experiment(nothing)
"""No violation."""
