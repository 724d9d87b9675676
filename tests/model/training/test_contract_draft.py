"""A drafted contract has every column that can be a feature, and says why others can't."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from app.customers.files.file_format import FileError
from app.customers.files.text_columns import read_columns
from model.cell_reading import cell_readers
from model.feature_file import parse_contract
from model.training.contract_draft import DraftError, draft


def drafted(**columns: list[str]) -> tuple[dict[str, Any], str]:
    """The features by name, and the head comment."""
    text = draft("c.csv", {**columns, "churn": ["yes", "no"]}, "Churn").text
    contract = parse_contract(text.encode(), "drafted.yaml")
    for name, reader in cell_readers(contract).items():
        for cell in columns[name]:
            reader.from_text(cell)  # it accepts the data that it was drafted from
    return contract.by_name, text.partition("features:")[0]


PLAN = ["DSL", "Fiber", "DSL"]
LEFT_OUT = {
    "one value everywhere: 'x'": ["x", "X "],
    "one value wherever it is known: 'x'": ["x", "X ", "NA", ""],
    "numbers, but for 2 other texts such as '?'": [*map(str, range(120)), "?", "unknown", "?"],
    "one value everywhere: '1.0'": ["1.0", "1", "1.00"],
    "counts up like a row number": ["3", "1", "2", "NA"],
    "120 different texts, too many for a category": [f"c{n}" for n in range(120)],
    "a different text for each customer": [f"c{n}" for n in range(20)],
    "empty": ["", "n/a", " - ", "\\N"],
}


@pytest.mark.parametrize("reason", LEFT_OUT)
def test_a_column_left_out_has_its_own_reason(reason: str) -> None:
    features, head = drafted(column=LEFT_OUT[reason], plan=PLAN)
    assert [*features] == ["plan"]
    assert f"# Left out:\n#   column: {reason}\n" in head


TYPES = {
    "number": ["1.5", "NA", "2", "n/a", ""],
    "integer": ["12", "12.0", "null", "7"],
    "boolean": ["1.0", "0", "", "None"],
    "category": ["DSL", "dsl ", "No", "NULL", "One\u00a0year", "one year"],
}


@pytest.mark.parametrize("kind", TYPES)
def test_missing_values_are_set_aside_before_the_type_is_guessed(kind: str) -> None:
    features, head = drafted(column=TYPES[kind])
    assert features["column"].type == kind
    assert "Left out" not in head


def test_a_category_has_each_value_in_its_usual_spelling() -> None:
    features, _ = drafted(plan=["DSL", "dsl", "DSL", "Fiber", " fiber", "fiber"])
    assert features["plan"].values == ("DSL", "fiber")


@pytest.mark.parametrize("cells", [["1e400", "5"], ["1e308", "-1e308"], ["9" * 30, "1"]])
def test_a_number_beyond_doubles_makes_no_contract_that_is_refused(cells: list[str]) -> None:
    drafted(column=cells)


def test_a_name_can_be_any_text() -> None:
    name = "Größe: \x07 #1"
    columns = {name: ["x", "x"], "yes": ["a", "b"], "churn": ["1", "0"]}
    text = draft("c\n.csv", columns, "churn").text
    assert parse_contract(text.encode(), "drafted.yaml").names == ("yes",)
    assert text.startswith("# Drafted from c?.csv.\n")
    assert "#   Größe: ? #1: one value everywhere" in text


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"plan": PLAN, "Chrn": PLAN}, "c.csv: no column churn; did you mean 'Chrn'"),
        ({"x": ["1", "1"], "churn": ["1"]}, "no column can be a feature: x: one value everywhere"),
    ],
    ids=["no outcome", "no feature"],
)
def test_what_makes_no_contract_is_refused(columns: dict[str, list[str]], said: str) -> None:
    with pytest.raises(DraftError, match=said):
        _ = draft("c.csv", columns, "churn").text


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("NumOfProducts", "Num of products"),
        ("HasVIPCard", "Has vipcard"),
        ("_", "_"),
        ("a_b", "A b"),
    ],
)
def test_a_label_is_the_name_in_words(name: str, label: str) -> None:
    assert drafted(**{name: PLAN})[0][name].label == label


def test_what_is_no_feature_is_named_for_files(tmp_path: Path) -> None:
    """Files to score may have those columns."""
    columns = {"plan": PLAN, "x": ["1"] * 3, "Churn": ["yes", "no", "no"]}
    text = draft("c.csv", columns, "churn").text
    assert parse_contract(text.encode(), "drafted.yaml").ignored == ("Churn", "x")


FORMS = {
    "c.csv": 'fee;kind;plan\n1,5;"1,5";DSL\n1.234,5;x;\n',
    "c.jsonl": '{"fee": 1.5, "kind": "1,5"}\n{"plan": null, "fee": 1234.5, "kind": "x"}\n',
}


@pytest.mark.parametrize("name", FORMS)
def test_columns_of_any_form_are_read(tmp_path: Path, name: str) -> None:
    """A column of decimal commas gets points, unless some cells aren't numbers."""
    (tmp_path / name).write_text(FORMS[name])
    with (tmp_path / name).open("rb") as file:
        columns, how = read_columns(file, name)
    assert [float(cell) for cell in columns["fee"]] == [1.5, 1234.5]
    assert columns["kind"] == ["1,5", "x"]
    assert columns["plan"][-1] == ""
    assert how.startswith(f"{name}: read as ")


@pytest.mark.parametrize("header", ["x,X,y_1,Y-1", "x,x,y1,y 1"])
def test_columns_with_the_same_name_are_told_at_once(tmp_path: Path, header: str) -> None:
    (tmp_path / "c.csv").write_text(f"{header}\n1,2,3,4\n")
    said = r"^c.csv:1: columns 'x' and '.' have the same name; columns 'y.*' and '.*' have the same"
    with (tmp_path / "c.csv").open("rb") as file, pytest.raises(FileError, match=said):
        read_columns(file, "c.csv")
