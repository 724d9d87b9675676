"""Charts of a release's evaluation: from its numbers to lines, marks and a table."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from app.config import Settings
from app.handbook.card.evaluation_plots import Chart, charts
from tests.handbook import made_up_release
from tests.handbook.conftest import SAMPLE, make_app

POLICIES = {"default": 0.5, "high_precision": 0.75, "high_recall": 0.25}
SHIPPED = json.loads((Settings().model_dir / "1.0.0" / "evaluation.json").read_bytes())


@pytest.fixture
def drawn() -> dict[str, Chart]:
    return {chart.name: chart for chart in charts(made_up_release.EVALUATION, POLICIES)}


def test_shares_are_places_between_the_axes(drawn: dict[str, Chart]) -> None:
    diagonal, observed = drawn["calibration"].lines
    assert diagonal.points == [(40.0, 224.0), (312.0, 44.0)]
    assert observed.points == [(67.2, 188.0), (176.0, 134.0)]


def test_a_share_that_is_not_known_has_no_point_and_an_empty_cell(drawn: dict[str, Chart]) -> None:
    """If nobody is flagged, precision is undefined."""
    precision, recall, flagged = drawn["thresholds"].lines
    assert [len(line.points) for line in (precision, recall, flagged)] == [1, 2, 2]
    assert drawn["thresholds"].rows[1] == ["0.9", "", "0", "0"]


def test_lines_differ_without_colour(drawn: dict[str, Chart]) -> None:
    styles = [line.style for line in drawn["thresholds"].lines]
    assert len(set(styles)) == 3


def test_thresholds_of_the_policies_are_marked_in_their_order(drawn: dict[str, Chart]) -> None:
    marks = [(mark.at, mark.text) for mark in drawn["thresholds"].marks]
    assert marks == [(108.0, "High recall"), (176.0, "Default"), (244.0, "High precision")]


@pytest.mark.parametrize("evaluation", [{}, {"calibration": [], "curve": []}])
def test_an_evaluation_without_numbers_has_no_charts(
    evaluation: dict[str, Any], tmp_path: Path
) -> None:
    assert charts(evaluation, POLICIES) == []
    serving = made_up_release.make(tmp_path)
    serving.evaluation = evaluation
    page = make_app(SAMPLE, serving).test_client().get("/model-card").text
    assert 'id="figures"' not in page


def test_the_shipped_release_is_drawn_whole(tmp_path: Path) -> None:
    """Each number of the evaluation is in a table, and each point within the axes."""
    serving = made_up_release.make(tmp_path)
    serving.evaluation = SHIPPED
    page = make_app(SAMPLE, serving).test_client().get("/model-card").text
    for row in (*SHIPPED["calibration"], *SHIPPED["curve"]):
        for value in row.values():
            assert value is None or f">{value:,.10g}</td>" in page
    for chart in charts(SHIPPED, POLICIES):
        for line in chart.lines:
            assert all(40 <= x <= 312 and 44 <= y <= 224 for x, y in line.points)
    assert len(re.findall("<polyline", page)) == 5
