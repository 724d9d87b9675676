"""`economics.yaml`: what it says is what is reckoned with, and every fault is named at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from model.economics import (
    NAME,
    EconomicsError,
    UnfilledError,
    economics_in,
    load_economics,
    parse_economics,
)
from model.feature_file import PATH
from model.training.economics_draft import DRAFT

SOUND: dict[str, Any] = {
    "currency": "EUR",
    "contact_cost": 2,
    "offer_cost": 10,
    "customer_value": 110.5,
    "chance_kept": 0.5,
}


def parsed(**changes: Any) -> Any:
    return parse_economics(yaml.safe_dump(SOUND | changes).encode())


def test_a_call_is_reckoned_as_the_file_says() -> None:
    """A stayer takes the offer, too; a leaver takes it with a chance, and then stays."""
    found = parsed()
    assert found.leaver == 0.5 * (110.5 - 10) - 2
    assert found.stayer == -12
    at = found.break_even
    assert at * found.leaver + (1 - at) * found.stayer == pytest.approx(0)
    assert found.gain(8) - found.cost(20, 8) == pytest.approx(8 * found.leaver + 12 * found.stayer)
    assert parsed(chance_kept={"alpha": 6, "beta": 14}).mean_chance == 0.3


@pytest.mark.parametrize("chance", [0.5, 1, {"alpha": 6, "beta": 14}, {"alpha": 0.5, "beta": 2}])
def test_the_card_states_what_the_file_says(chance: Any) -> None:
    assert parsed(chance_kept=chance).as_stated() == SOUND | {"chance_kept": chance}


def test_ours_are_the_paper_s() -> None:
    found = load_economics(PATH.with_name(NAME))
    assert found.as_stated() == {
        "currency": "USD",
        "contact_cost": 1,
        "offer_cost": 10,
        "customer_value": 200,
        "chance_kept": {"alpha": 6, "beta": 14},
    }


FAULTS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "all": (
        {
            "currency": "euro",
            "contact_cost": "1",
            "offer_cost": -1,
            "customer_value": True,
            "chance_kept": 0,
            "clv": 3,
        },
        [
            "clv: there is no such key",
            "currency: 'euro': give its three letters, as EUR",
            "contact_cost: '1': give an amount from 0 to 1,000,000,000",
            "offer_cost: -1: give an amount from 0 to 1,000,000,000",
            "customer_value: True: give an amount from 0 to 1,000,000,000",
            "chance_kept: 0: give a number above 0 and up to 1, or alpha and beta, both above 0, "
            "of a Beta distribution",
        ],
    ),
    "missing": ({"contact_cost": None}, ["contact_cost: missing: give an amount from 0 to"]),
    "no number": ({"offer_cost": float("nan")}, ["offer_cost: nan: give an amount"]),
    "endless": ({"customer_value": float("inf")}, ["customer_value: inf: give an amount"]),
    "long": ({"currency": "x" * 9999}, [f"currency: '{'x' * 59}: give its three"]),
    "half a distribution": ({"chance_kept": {"alpha": 6}}, ["chance_kept: {'alpha': 6}: give"]),
    "no distribution": ({"chance_kept": {"alpha": 0, "beta": 1}}, ["chance_kept: {'alpha': 0,"]),
    "a chance above 1": ({"chance_kept": 30}, ["chance_kept: 30: give a number above 0"]),
    "worth nothing": ({"customer_value": 10}, ["customer_value: 10: a leaver kept brings no more"]),
    "free, and worth nothing": (
        {"contact_cost": 0, "offer_cost": 0, "customer_value": 0},
        ["contact_cost and offer_cost: 0: give what", "customer_value: 0: a leaver kept brings no"],
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_is_named_in_one_line(name: str) -> None:
    changes, said = FAULTS[name]
    with pytest.raises(EconomicsError) as error:
        parsed(**changes)
    head, *faults = str(error.value).replace(f"{NAME}: ", f"{NAME}: ; ", 1).split("; ")
    assert head == f"{NAME}: "
    assert [fault[: len(start)] for fault, start in zip(faults, said, strict=True)] == said
    assert "\n" not in str(error.value)


NO_MAPPING = {
    "empty": "",
    "list": "[]",
    "number": "5",
    "deep": "[" * 100_000,
    "no YAML": "a: [",
    "no day": "currency: 2026-13-45",
    "digits": "offer_cost: " + "9" * 5000,
    "a list as key": "? [a]\n: 1",
}


@pytest.mark.parametrize("text", NO_MAPPING.values(), ids=NO_MAPPING)
def test_what_is_no_mapping_is_one_line(text: str) -> None:
    with pytest.raises(EconomicsError, match=rf"^{NAME}: ") as error:
        parse_economics(text.encode())
    assert "\n" not in str(error.value)


def test_a_draft_is_told_from_one_that_is_half_filled(tmp_path: Path) -> None:
    assert economics_in(tmp_path) is None
    (tmp_path / NAME).write_text(DRAFT)
    with pytest.raises(UnfilledError, match="not filled in, so there is no policy value"):
        economics_in(tmp_path)
    half = yaml.safe_load(DRAFT) | {"currency": "EUR", "contact_cost": 2}
    with pytest.raises(EconomicsError) as error:
        parse_economics(yaml.safe_dump(half).encode())
    assert not isinstance(error.value, UnfilledError)
    assert [fault.partition(":")[0] for fault in str(error.value).split("; ")] == [
        *(NAME, "customer_value", "chance_kept"),
    ]
    filled = parse_economics(yaml.safe_dump(half | SOUND).encode())
    assert filled.currency == "EUR"
