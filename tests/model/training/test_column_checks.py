"""What was planted in a file of customers is found, and nothing is where nothing was."""

from __future__ import annotations

import datetime

import numpy as np
import pytest

from model.cell_reading import cell_readers
from model.feature_file import parse_contract
from model.training.booster import one_thread
from model.training.column_checks import check_features
from model.training.contract_draft import DraftError
from model.training.folder_draft import FolderDraft, draft_folder
from model.training.pair_selection import choose, make_folds
from model.training.training_data import DataError, TrainingData, collect, split
from tests.model.training.planted_customers import ROWS, bank

DAY = datetime.date(2026, 11, 29)
DRAW = np.random.default_rng(8)
LEFT = np.array([cell == "1" for cell in bank()["Exited"]])


def drafted(**more: list[str]) -> FolderDraft:
    return draft_folder("bank.csv", bank() | more, "exited", DAY)


def when_missing(cells: list[str]) -> object:
    """What the draft says about a column with gaps."""
    features = parse_contract(drafted(Fee=cells).features.encode(), "features.yaml")
    return features.by_name["Fee"].when_missing


def gaps(chance: np.ndarray) -> list[str]:
    """Fees that aren't known with a chance for each customer."""
    fees, absent = DRAW.integers(1, 50, ROWS), DRAW.random(ROWS) < chance
    return ["" if gone else str(fee) for fee, gone in zip(fees, absent, strict=True)]


@pytest.mark.parametrize("planted", [True, False])
def test_where_nothing_was_planted_nothing_is_left_out(planted: bool) -> None:
    found = draft_folder("bank.csv", bank(planted=planted), "Exited", DAY)
    assert (found.left_out, found.count) == ({}, 6)
    assert "when_missing: " not in found.features.partition("features:")[2]


LEAKS = {
    "a number": [f"{value:.3f}" for value in LEFT + DRAW.normal(0, 0.1, ROWS)],
    "a date that only leavers have": [
        f"2026-0{n % 9 + 1}" if g else "" for n, g in enumerate(LEFT)
    ],
    "a reason that most leavers have": [
        "moved" if left and n % 3 else "other" for n, left in enumerate(LEFT)
    ],
}


@pytest.mark.parametrize("cells", LEAKS.values(), ids=LEAKS)
def test_a_leak_is_left_out(cells: list[str]) -> None:
    found = drafted(Closed=cells)
    assert [*found.left_out] == ["Closed"]
    assert "predicts the outcome" in (why := found.left_out["Closed"]) or "mark " in why


def test_what_only_few_leavers_have_is_no_leak() -> None:
    """A bank's sixty customers with four products all left: that is knowledge, not a leak."""
    few = np.flatnonzero(LEFT)[:60]
    assert drafted(Products=["4" if n in few else str(n % 3 + 1) for n in range(ROWS)]).count == 7


IDS = {
    "whole numbers": [str(n) for n in DRAW.choice(10**8, ROWS, replace=False)],
    "texts": [f"c-{n:x}" for n in range(ROWS)],
}


@pytest.mark.parametrize("cells", IDS.values(), ids=IDS)
def test_an_id_is_left_out(cells: list[str]) -> None:
    assert [*drafted(Account=cells).left_out] == ["Account"]


def test_missing_at_random_is_unknown_and_not_at_random_is_informative() -> None:
    assert when_missing(gaps(np.full(ROWS, 0.2))) == "unknown"
    assert when_missing(gaps(np.where(LEFT, 0.4, 0.1))) == "informative"
    assert when_missing(gaps(np.where(LEFT, 0.03, 0.0))) == "unknown"  # too few to learn from


def read(features: str, columns: dict[str, list[str]]) -> tuple[TrainingData, np.ndarray]:
    """The customers as training has them, and the rows of the training set."""
    contract = parse_contract(features.encode(), "features.yaml")
    values = [map(r.from_text, columns[name]) for name, r in cell_readers(contract).items()]
    rows = (dict(zip(contract.names, row, strict=True)) for row in zip(*values, strict=True))
    outcomes = [cell == "1" for cell in columns["Exited"]]
    customers = collect(contract, zip(rows, outcomes, strict=True), "bank.csv")
    return customers, split(customers.churned).train


def test_at_release_all_of_them_are_refused_at_once_with_the_remedy() -> None:
    """Somebody has put them back into features.yaml."""
    fee = "type: integer, minimum: 0, maximum: 1000000000, description: x, example: 1"
    names = ["Closed", "Account", "Same", "Age", "Gone"]
    lines = [f"  {name}: {{label: x, {fee}}}\n" for name in names]
    lines[-1] = lines[-1].replace("example", "when_missing: informative, example")
    wide = "{label: x, type: category, values: [%s], description: x, example: v0}"
    lines.append("  Street: " + wide % ", ".join(f"v{n}" for n in range(150)) + "\n")
    columns = bank() | {
        "Closed": bank()["Exited"],
        "Account": IDS["whole numbers"],
        "Same": ["3"] * ROWS,
        "Gone": ["" if n < 9 else str(n % 7) for n in range(ROWS)],
        "Street": [f"v{n % 150}" for n in range(ROWS)],
    }
    text = "features:\n" + "".join(lines)
    customers, rows = read(text, columns)
    with pytest.raises(DataError) as refused:
        check_features(parse_contract(text.encode(), "features.yaml"), customers, rows)
    said = str(refused.value)
    for part in (
        "bank.csv: Closed: it alone predicts the outcome nearly perfectly (ROC AUC 1.000): it may",
        "Account: 1400 different values in 1400 rows, like an id: delete it from features.yaml, or",
        "Same: one value, or none, in all training rows: delete it from features.yaml",
        "fewer than 50: say unknown",
        "Street: 150 values, more than 100: group them, or delete it from features.yaml",
    ):
        assert part in said
    assert "Age" not in said


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (["0"] * ROWS, r"nobody has left \(2000 stayed\): give 100 .* \(column Exited\)"),
        (["1"] * 9 + ["0"] * (ROWS - 9), "9 left and 1991 stayed: give 100 customers"),
        (["1", "", "Stayed", *["0"] * (ROWS - 3)], r"Exited: give yes or no.*\(2 of 2000 have"),
    ],
    ids=["one class", "too few", "no outcome"],
)
def test_an_outcome_that_cannot_be_used_is_refused(cells: list[str], said: str) -> None:
    with pytest.raises(DraftError, match=rf"^bank\.csv: {said}"):
        drafted(Exited=cells)


@pytest.mark.parametrize(("planted", "pairs"), [(True, {2, 4}), (False, {0})], ids=["pair", "none"])
def test_a_planted_pair_is_found_and_none_where_there_is_none(
    planted: bool, pairs: set[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pair that adds nothing alone: Card and Online, crosswise."""
    monkeypatch.setattr("model.training.pair_selection.GRID", GRID)
    columns = bank(planted=planted)
    text = draft_folder("bank.csv", columns, "Exited", DAY).features
    contract = parse_contract(text.encode(), "features.yaml")
    customers, rows = read(text, columns)
    folds = make_folds(contract, customers.features.iloc[rows], customers.churned[rows])
    with one_thread():
        assert choose(folds, lambda step: None).pairs in pairs


GRID = ({"learning_rate": 0.1, "max_iter": 100, "max_leaf_nodes": 2, "min_samples_leaf": 20},)
