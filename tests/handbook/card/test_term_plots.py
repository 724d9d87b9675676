from types import SimpleNamespace

import pytest

from app.handbook.card.number_format import number, odds_ticks, signed, ticks
from app.handbook.card.term_plots import plots
from tests.handbook.made_up_release import EVALUATION, FEATURES, TERMS, bins

TIMES, MINUS = "\N{MULTIPLICATION SIGN}", "\N{MINUS SIGN}"


def made() -> list:
    scorecard = SimpleNamespace(terms=TERMS)
    return plots(scorecard, SimpleNamespace(by_name=FEATURES), EVALUATION["training_rows_by_bin"])


def test_the_term_that_can_matter_most_comes_first() -> None:
    assert [(plot.title, plot.span) for plot in made()] == [
        ("Tenure", 2.5),
        ("Contract", 2.0),
        ("Tenure and Has a partner", 0.75),
    ]


def test_every_bin_has_its_words_and_its_factor() -> None:
    tenure, contract, _ = made()
    assert [row.label for row in tenure.rows] == [
        "Below 2.5",
        "2.5 to 12",
        "12 to 48",
        "48 or more",
        "Not known",
    ]
    assert contract.table[0] == ("Month-to-month", "60", f"{TIMES}2.1 odds", "+0.75")
    assert contract.summary == (
        f"from {TIMES}0.29 odds (Two year) to {TIMES}2.1 odds (Month-to-month)"
    )


def test_customers_are_drawn_under_each_feature() -> None:
    """As shares beside categories, as areas under numbers, and not at all if nobody counted."""
    tenure, contract, _ = made()
    assert [bar.share for bar in contract.bars] == [0.6, 0.3, 0.1]
    assert tenure.curve.customers.count("V") == 5
    scorecard, features = SimpleNamespace(terms=TERMS), SimpleNamespace(by_name=FEATURES)
    tenure, contract, _ = plots(scorecard, features, {})
    assert tenure.curve.customers == ""
    assert [bar.share for bar in contract.bars] == [0, 0, 0]
    assert contract.table[0][1] == ""


def test_all_plots_share_one_scale() -> None:
    """The strongest points reach the edge, half as many reach half as far."""
    tenure, contract, pair = made()
    assert {bar.label: bar.width for bar in contract.bars} == {
        "Month-to-month": 28.5,
        "One year": 19.0,
        "Two year": 47.5,
    }
    assert tenure.curve.less.endswith("V136H312V75Z")
    assert max(abs(cell.weight) for cell in pair.cells) == pytest.approx(1 / 3, abs=1e-3)


def test_a_feature_without_edges_is_drawn() -> None:
    term = SimpleNamespace(features=("tenure",), bins=(bins(),), points=[0.0, 0.0])
    (plot,) = plots(SimpleNamespace(terms=[term]), SimpleNamespace(by_name=FEATURES), {})
    assert [row.label for row in plot.rows] == ["Any", "Not known"]


@pytest.mark.parametrize(
    ("low", "high", "marks"),
    [
        (0, 72, [0, 20, 40, 60]),
        (-1.6, 1.6, [-1, 0, 1]),
        (-0.02, 0.05, [-0.02, 0, 0.02, 0.04]),
        (18, 119, [50, 100]),
    ],
)
def test_axes_have_round_marks(low: float, high: float, marks: list[float]) -> None:
    assert ticks(low, high) == marks


@pytest.mark.parametrize(
    ("scale", "factors"),
    [
        (1.66, ["0.25", "0.5", "1", "2", "4"]),
        (6.5, ["0.00391", "0.0625", "1", "16", "256"]),
        (0.25, ["0.833", "1", "1.2"]),
    ],
)
def test_an_axis_of_odds_has_round_factors(scale: float, factors: list[str]) -> None:
    assert [text.removeprefix(TIMES) for _, text in odds_ticks(scale)] == factors


def test_numbers_are_written_for_readers() -> None:
    assert [number(n) for n in (0.5, 12.0, 8684.8, 1e6)] == ["0.5", "12", "8,684.8", "1,000,000"]
    assert [signed(n) for n in (0, 0.25, -1.0)] == ["0", "+0.25", f"{MINUS}1"]
