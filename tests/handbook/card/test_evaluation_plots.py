"""Charts of a release's evaluation: from its numbers to lines, marks and a table."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from app.config import Settings
from app.handbook.card.evaluation_plots import Chart, charts, threshold_chart
from app.handbook.card.number_format import money
from app.handbook.card.score_distributions import distributions
from app.handbook.card.threshold_outcomes import at, outcomes
from tests.handbook import made_up_release
from tests.handbook.conftest import SAMPLE, make_app

POLICIES = {"default": 0.5, "high_precision": 0.75, "high_recall": 0.3}
RELEASES = {
    version: json.loads((Settings().model_dir / version / "evaluation.json").read_bytes())
    for version in ("1.0.0", "1.1.0", "1.2.0")
}
MADE_UP = made_up_release.EVALUATION


def drawn(evaluation: dict[str, Any]) -> dict[str, Chart]:
    found = outcomes(evaluation["curve"])
    made = charts(found, evaluation["calibration"], POLICIES, "0.5")
    return {chart.name: chart for chart in (threshold_chart(found, POLICIES), *made)}


def page_of(folder: Path, evaluation: dict[str, Any]) -> str:
    serving = made_up_release.make(folder)
    serving.evaluation = evaluation
    return make_app(SAMPLE, serving).test_client().get("/model-card").text


def test_shares_are_places_between_the_axes() -> None:
    diagonal, observed = drawn(MADE_UP)["calibration"].lines
    assert diagonal.points == [(40.0, 240.0), (312.0, 60.0)]
    assert observed.points == [(67.2, 204.0), (176.0, 150.0)]


def test_a_threshold_says_what_it_does_to_a_thousand_customers() -> None:
    """Those called are the leavers that are caught and the calls that are wasted."""
    half = at(outcomes(MADE_UP["curve"]), 0.5)
    assert half is not None
    assert (half.called, half.caught, half.wasted, half.leavers) == (200, 100, 100, 200)
    assert half.false_positive_rate == pytest.approx(0.125)
    assert at(outcomes(MADE_UP["curve"]), 0.6) is None


def test_a_share_that_is_not_known_has_no_point_and_an_empty_cell() -> None:
    """If nobody is flagged, precision is undefined."""
    chart = drawn(MADE_UP)["thresholds"]
    assert [len(line.points) for line in chart.lines] == [4, 5, 5]
    assert chart.rows[-1] == ["0.9", "0", "0", "0", "", "0"]


def test_lines_differ_without_colour() -> None:
    assert len({line.style for line in drawn(MADE_UP)["thresholds"].lines}) == 3


def test_policies_are_marked_in_their_order_and_on_the_lines() -> None:
    """A threshold that was not measured has no place on a line."""
    made = drawn(MADE_UP)
    marks = [(mark.at, mark.text) for mark in made["thresholds"].marks]
    assert marks == [(121.6, "High recall"), (176.0, "Default"), (244.0, "High precision")]
    assert [dot.text for dot in made["roc"].policies] == ["Default", "High recall"]
    assert [dot.text for dot in made["precision-recall"].policies] == ["Default", "High recall"]


def test_all_groups_share_one_scale() -> None:
    """The largest share of those who left, and of those who stayed, reach the edges."""
    everyone, group = distributions(MADE_UP["distributions"])
    assert (everyone.customers, group.customers) == (10, 5)
    assert "V60" in group.left
    assert "V172" in everyone.stayed
    assert everyone.rows[1] == ("0.25", "2", "1")


@pytest.mark.parametrize("evaluation", [{}, {"calibration": [], "curve": []}])
def test_an_evaluation_without_numbers_has_no_charts(
    evaluation: dict[str, Any], tmp_path: Path
) -> None:
    page = page_of(tmp_path, evaluation)
    assert 'id="figures"' not in page
    assert 'id="distributions"' not in page


@pytest.mark.parametrize("version", RELEASES)
def test_a_shipped_release_is_drawn_whole(tmp_path: Path, version: str) -> None:
    """Each number of the evaluation is in a table, and each point within the axes."""
    evaluation = RELEASES[version]
    page = page_of(tmp_path, evaluation | {"training_rows_by_bin": {}})
    cells = set(re.findall("<td>([^<]*)</td>", page))
    for row in (*evaluation["calibration"], *evaluation["curve"]):
        shares = row | ({"flagged": round(1000 * row["flagged"])} if "flagged" in row else {})
        profit = shares.pop("profit", None)
        assert {f"{value:,.10g}" for value in shares.values() if value is not None} <= cells
        assert profit is None or money(1000 * profit) in cells
    for chart in drawn(evaluation).values():
        for line in chart.lines:
            assert all(40 <= x <= 312 and 60 <= y <= 240 for x, y in line.points)
    lines = 9 + ("economics" in evaluation) + 2 * ("calibration_out_of_fold" in evaluation)
    assert len(re.findall("<polyline", page)) == lines
    assert page.count('class="stayed"') == len(evaluation.get("distributions", []))
