"""The feature contract: what it accepts, and what it says to a mistake in its file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from model.cell_reading import CellReader, cell_readers
from model.feature_file import load_contract
from model.features import MISSING, Contract, ContractError, Feature

CONTRACT = load_contract()
READERS = cell_readers(CONTRACT)
NUMBER: dict[str, Any] = {
    "label": "Monthly charges",
    "type": "number",
    "minimum": 0,
    "maximum": 10,
    "description": "What is charged a month.",
    "example": 5.5,
}
CATEGORY: dict[str, Any] = {
    "label": "Contract",
    "type": "category",
    "values": ["Month", "Year"],
    "description": "How long it binds.",
    "example": "Year",
}


def write(path: Path, **features: Any) -> Path:
    path.write_text(yaml.safe_dump({"features": features}))
    return path


def test_the_shipped_contract_describes_the_nineteen_features() -> None:
    assert len(CONTRACT.features) == 19
    assert set(CONTRACT.required) == {"tenure", "contract", "monthly_charges"}
    for feature in CONTRACT.features:
        assert feature.description.endswith(".")
        assert feature.unit or feature.type not in ("number", "integer")


def test_the_example_is_a_valid_customer() -> None:
    example = CONTRACT.example()
    assert CONTRACT.accepts(example)
    assert not any(CONTRACT.fault(name, value) for name, value in example.items())


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        pytest.param("tenure", True, "a whole number from 0 to 600", id="bool is no integer"),
        pytest.param("tenure", 12.5, "a whole number", id="12.5 is no integer"),
        pytest.param("tenure", "12", "a whole number", id="text is no integer"),
        pytest.param("tenure", -1, "from 0 to 600 (months)", id="below"),
        pytest.param("tenure", 10**400, "from 0 to 600", id="huge"),
        pytest.param("tenure", None, "required", id="required is null"),
        pytest.param("monthly_charges", float("nan"), "a number", id="NaN"),
        pytest.param("monthly_charges", float("inf"), "a number", id="infinity"),
        pytest.param("monthly_charges", True, "a number", id="bool is no number"),
        pytest.param("contract", "month-to-month", "Month-to-month", id="another spelling"),
        pytest.param("contract", ["One year"], "One year", id="list"),
        pytest.param("partner", 1, "true or false", id="1 is no boolean"),
        pytest.param("partner", "yes", "true or false", id="text is no boolean"),
        pytest.param("tenur", 1, "did you mean tenure", id="unknown name"),
    ],
)
def test_a_wrong_value_is_refused_in_words_that_say_what_is_right(
    name: str, value: Any, said: str
) -> None:
    assert said in (CONTRACT.fault(name, value) or "")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("tenure", 0),
        ("tenure", 12.0),
        ("monthly_charges", 12),
        ("total_charges", None),
        ("partner", False),
    ],
    ids=str,
)
def test_a_right_value_has_no_fault(name: str, value: Any) -> None:
    assert CONTRACT.fault(name, value) is None


@given(
    st.dictionaries(
        st.sampled_from([*CONTRACT.names, "other"]),
        st.one_of(
            st.none(),
            st.booleans(),
            st.integers(-5, 700),
            st.floats(),
            st.text(max_size=3),
            st.sampled_from([v for f in CONTRACT.features for v in f.values]),
            st.lists(st.none(), max_size=1),
        ),
    )
)
def test_the_quick_check_agrees_with_the_explaining_one(features: dict[str, Any]) -> None:
    """`accepts` is `fault` for every feature, and every required one there."""
    explained = any(CONTRACT.fault(name, value) for name, value in features.items())
    complete = all(name in features for name in CONTRACT.required)
    assert CONTRACT.accepts(features) == (complete and not explained)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("tenure", " 12 ", 12),
        ("tenure", "12.0", 12),
        ("monthly_charges", "65.5", 65.5),
        ("monthly_charges", "1e2", 100.0),
        ("total_charges", "", None),
        ("partner", "1", True),
        ("partner", "No", False),
        ("contract", "One year", "One year"),
        ("contract", " one\u00a0YEAR ", "One year"),
        ("contract", "month\u2011to\u2010month", "Month-to-month"),
        ("partner", "0.0", False),
        ("female", "male", False),
        ("female", "FEMALE", True),
        *(("total_charges", text, None) for text in (*MISSING, " na ", "null", "NaN", r"\n")),
    ],
    ids=str,
)
def test_a_cell_becomes_a_value(name: str, text: str, value: Any) -> None:
    found = READERS[name].from_text(text)
    assert found == value
    assert type(found) is type(value)


def test_a_declared_value_is_not_missing() -> None:
    """Nor is a code; an empty cell always is."""
    plan = {"type": "category", "values": ("None", "DSL"), "codes": {"-": "DSL"}}
    reader = CellReader(Feature("plan", "Plan", description="x", example="DSL", **plan), MISSING)
    found = [reader.from_text(text) for text in ("none", "-", "NA", "", " ")]
    assert found == ["None", "DSL", None, None, None]


def test_a_text_that_could_be_two_values_is_refused() -> None:
    """Values that differ only in case must be written exactly."""
    feature = Feature("x", "X", "category", "x", "a", values=("a", "A"))
    reader = CellReader(feature, ())
    assert [reader.from_text("a"), reader.from_text("A")] == ["a", "A"]
    both = Feature("x", "X", "category", "x", "ab", values=("ab", "AB"))
    with pytest.raises(ValueError, match="Give one of ab, AB"):
        CellReader(both, ()).from_text("Ab")


def test_a_contract_can_name_other_texts_for_missing(tmp_path: Path) -> None:
    """They replace the usual ones."""
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump({"features": {"fee": NUMBER}, "missing": ["unknown"]}))
    reader = cell_readers(load_contract(path))["fee"]
    assert (reader.from_text("Unknown"), reader.from_text("")) == (None, None)
    with pytest.raises(ValueError, match="Give a number"):
        reader.from_text("NA")


@pytest.mark.parametrize(
    ("name", "value"), [("gender", "Female"), ("female", "Female"), ("partner", 1)]
)
def test_what_files_may_say_the_api_refuses(name: str, value: Any) -> None:
    assert CONTRACT.fault(name, value)


@pytest.mark.parametrize(
    "text", ["12", "12.0", "1.2e1", "+12.", "0" * 5000 + "12", "12." + "0" * 40]
)
def test_a_whole_number_may_be_written_as_any_program_does(text: str) -> None:
    assert repr(cell_readers(CONTRACT)["tenure"].from_text(text)) == "12"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("tenure", "1_0"),
        ("tenure", "12.5"),
        ("tenure", "1.25e1"),
        ("tenure", "\u0661"),
        ("tenure", "9" * 5000),
        ("monthly_charges", "1,5"),
        ("partner", "maybe"),
        ("contract", "Forever"),
    ],
    ids=lambda text: text[:12],
)
def test_a_wrong_cell_is_refused(name: str, text: str) -> None:
    with pytest.raises(ValueError, match="Give "):
        READERS[name].from_text(text)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param({"type": "text"}, "fee: type: give one of", id="type"),
        pytest.param({"label": " "}, "fee: label: give words", id="label"),
        pytest.param({"unit": 3}, "fee: unit: give words", id="unit"),
        pytest.param({"required": "yes"}, "fee: required: give true or false", id="required"),
        pytest.param({"minimum": "0"}, "fee: minimum: give a finite number", id="minimum"),
        pytest.param({"maximum": float("inf")}, "fee: maximum: give a finite", id="infinite"),
        pytest.param({"maximum": -1}, "fee: maximum: give a number above", id="order"),
        pytest.param({"values": ["a"]}, "fee: values: only a category", id="values"),
        pytest.param({"example": 11}, "fee: example: Give a number from 0 to 10", id="example"),
        pytest.param({"maximun": 4}, "fee: maximun: no such key", id="misspelt"),
        pytest.param({"monotone": "up"}, "fee: monotone: give increasing or decr", id="monotone"),
        pytest.param({"actionable": 1}, "fee: actionable: give true or false", id="actionable"),
        pytest.param({"when_missing": None}, "fee: when_missing: give unknown or", id="missing"),
    ],
)
def test_a_mistake_in_a_number_is_named(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    """The message names file, feature and key."""
    path = write(tmp_path / "mine.yaml", fee=NUMBER | change)
    with pytest.raises(ContractError, match=rf"^mine\.yaml: {said}"):
        load_contract(path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param({"values": "Month"}, "give a list of texts", id="no list"),
        pytest.param({"values": [True, False]}, "quote yes, no", id="unquoted yes"),
        pytest.param({"values": []}, "each value once", id="none"),
        pytest.param({"values": ["Year", "Year"]}, "each value once", id="twice"),
    ],
)
def test_a_mistake_in_a_category_is_named(
    tmp_path: Path, change: dict[str, Any], said: str
) -> None:
    path = write(tmp_path / "mine.yaml", plan=CATEGORY | change)
    with pytest.raises(ContractError, match=rf"^mine\.yaml: plan: values: .*{said}"):
        load_contract(path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param({"aliases": "tariff"}, "plan: aliases: give a list of texts", id="no list"),
        pytest.param({"aliases": [True]}, "plan: aliases: give a list of texts", id="no text"),
        pytest.param({"aliases": [" _ "]}, "plan: aliases: give words", id="no words"),
        pytest.param({"aliases": ["Fee"]}, "plan: aliases: 'Fee' is a name of fee", id="a name"),
        pytest.param(
            {"aliases": ["monthly FEE"]}, "plan: aliases: .* is a name of fee", id="an alias"
        ),
        pytest.param({"codes": ["M"]}, "plan: codes: give a value for each text", id="a list"),
        pytest.param({"codes": {True: "Year"}}, "plan: codes: give .*quote yes", id="unquoted"),
        pytest.param({"codes": {"D": "Day"}}, "plan: codes: 'D': Give one of Month", id="value"),
        pytest.param({"codes": {"D": None}}, "plan: codes: 'D': Give a value", id="null"),
        pytest.param({"codes": {"D": ["x"]}}, "plan: codes: 'D': Give one of", id="list"),
        pytest.param(
            {"codes": {"m": "Month", "M ": "Month"}}, "plan: codes: 'M ' and 'm' are", id="twice"
        ),
        pytest.param({"codes": {"month": "Year"}}, "plan: codes: 'month' means", id="contrary"),
        pytest.param({"codes": {"": "Year"}}, "plan: codes: '' means None", id="empty"),
    ],
)
def test_a_mistake_in_other_names_is_named(
    tmp_path: Path, change: dict[str, Any], said: str
) -> None:
    fee = NUMBER | {"aliases": ["monthly_fee"]}
    path = write(tmp_path / "mine.yaml", fee=fee, plan=CATEGORY | change)
    with pytest.raises(ContractError, match=rf"^mine\.yaml: {said}"):
        load_contract(path)


@pytest.mark.parametrize("missing", ["NA", [None], [-1], {"NA": 1}], ids=str)
def test_a_mistake_in_missing_is_named(tmp_path: Path, missing: Any) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump({"features": {"fee": NUMBER}, "missing": missing}))
    with pytest.raises(ContractError, match=r"^mine\.yaml: missing: give a list of texts"):
        load_contract(path)


@pytest.mark.parametrize("key", ["label", "type", "description", "example"])
def test_a_key_left_out_is_named(tmp_path: Path, key: str) -> None:
    entry = {k: v for k, v in NUMBER.items() if k != key}
    with pytest.raises(ContractError, match=rf"^mine\.yaml: fee: {key}: missing"):
        load_contract(write(tmp_path / "mine.yaml", fee=entry))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("features: {", "mine.yaml", id="not YAML"),
        pytest.param("[1, 2]", "features: give at least one", id="a list"),
        pytest.param("features: {}", "features: give at least one", id="empty"),
        pytest.param("features: {yes: {}}", "True: give a mapping", id="name not text"),
        pytest.param("features: {fee: 3}", "fee: give a mapping", id="no mapping"),
        pytest.param("features:\n  fee: {}\n  fee: {}\n", "fee: given twice", id="twice"),
        pytest.param("[" * 5000, "mine.yaml", id="deep"),
    ],
)
def test_a_file_that_is_no_contract_is_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(ContractError, match=said):
        load_contract(path)


HOSTILE = st.text(max_size=8) | st.sampled_from(["'", '"', "\\", "{0}", "v)#", "\n", "é"])
NUMBERS = st.integers(-10, 10) | st.floats(-10, 10)
FEATURES = st.one_of(
    st.builds(dict, type=st.just("boolean")),
    st.builds(
        dict,
        type=st.just("category"),
        values=st.lists(HOSTILE, min_size=1, max_size=3, unique=True).map(tuple),
    ),
    st.builds(dict, type=st.sampled_from(["integer", "number"]), minimum=NUMBERS, maximum=NUMBERS),
)


@given(
    st.dictionaries(HOSTILE, st.tuples(FEATURES, st.booleans()), min_size=1, max_size=3), st.data()
)
def test_the_one_function_accepts_what_the_rules_accept(
    described: dict[str, tuple[dict[str, Any], bool]], data: st.DataObject
) -> None:
    """This is true of any contract, with any names and values."""
    contract = Contract(
        tuple(
            Feature(name, "x", description="x", example=None, required=required, **rule)
            for name, (rule, required) in described.items()
        )
    )
    values = st.none() | st.booleans() | NUMBERS | HOSTILE | st.sampled_from([*_values(contract)])
    features = data.draw(st.dictionaries(st.sampled_from([*contract.names, "other"]), values))
    faults = list(contract.faults(features))
    assert contract.accepts(features) == (not faults)
    assert contract.count_faults(features) == len(faults)


def _values(contract: Contract) -> list[str]:
    return [value for feature in contract.features for value in feature.values] or ["x"]


def test_a_contract_of_another_business_loads(tmp_path: Path) -> None:
    contract: Contract = load_contract(write(tmp_path / "mine.yaml", fee=NUMBER, plan=CATEGORY))
    assert contract.names == ("fee", "plan")
    assert contract.accepts({"plan": "Month"})
