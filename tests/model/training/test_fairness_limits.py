"""Groups of one factor may differ only as far as the card allows, or a team declares."""

from __future__ import annotations

import datetime
import json
from copy import deepcopy
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import yaml

from app.cli.model_options import RELEASES
from model.features import Contract
from model.training import (
    evaluation,
    fairness_limits,
    fairness_prose,
    release_figures,
    repeated_validation,
)
from model.training.card_writer import PATH
from model.training.evaluation import Part, RefusedError
from model.training.release_writer import Candidate, make_release
from model.training.training_data import Split, TrainingData

TODAY = datetime.date(2026, 11, 29)
LAST_DAY = datetime.date(2027, 5, 28)
PARTIAL = json.loads((RELEASES / "1.2.0" / "evaluation.json").read_text())["partial"]


@pytest.fixture
def prose() -> dict[str, Any]:
    return dict(yaml.safe_load(PATH.read_text()))


def exception(factor: str, metric: str, **changes: Any) -> dict[str, Any]:
    about = {"owner": "ML engineers", "reason": "Planted by a test.", "expires": LAST_DAY}
    return {"factor": factor, "metric": metric} | about | changes


@pytest.fixture
def groups(
    contract: Contract, customers: TrainingData, parts: Split, monkeypatch: pytest.MonkeyPatch
) -> Any:
    """Measure the test set's groups with given scores."""
    monkeypatch.setattr(evaluation, "RESAMPLES", 2)
    tested = customers.features.iloc[parts.test]

    def measure(scores: np.ndarray) -> list[dict[str, Any]]:
        part: Part = customers.churned[parts.test], scores
        return evaluation.fairness(contract, ["female", "partner"], tested, part, 0.5)

    return measure


def test_a_gap_is_the_distance_of_the_two_groups_that_differ_most(
    contract: Contract, customers: TrainingData, parts: Split, groups: Any, prose: dict[str, Any]
) -> None:
    """Women who leave are all found, men never: recall differs by 1, above its limit."""
    female = customers.features["female"].iloc[parts.test].to_numpy(dtype=bool)
    prose["factors"]["evaluation_factors"] = ["female"]
    prose["fairness_exceptions"] = []
    found = fairness_limits.gaps(contract, groups(np.where(female, 0.9, 0.1)), prose)
    recall = next(gap for gap in found if gap["metric"] == "recall")
    assert recall["lowest"] == {"group": "Female: no", "value": 0.0}
    assert recall["highest"] == {"group": "Female: yes", "value": 1.0}
    assert (recall["gap"], recall["limit"], recall["exception"]) == (1.0, 0.2, None)
    said = fairness_limits.faults(found, prose, TODAY)
    assert said[0] == (
        "recall of female: Female: yes has 1.0, Female: no 0.0: a difference of 1.0, above its "
        "limit 0.2: bring it to 0.2 or less, or declare it in fairness_exceptions with owner, "
        "reason and expiry date"
    )
    assert [line.partition(":")[0] for line in said] == [
        "recall of female",
        "false_positive_rate of female",
    ]


def gap_of(value: float, declared: dict[str, Any] | None) -> list[dict[str, Any]]:
    ends = {"lowest": {"group": "Partner: yes", "value": 0.3}}
    ends["highest"] = {"group": "Partner: no", "value": 0.3 + value}
    shown = declared and declared | {"expires": str(declared["expires"])}
    about = {"factor": "partner", "metric": "recall", "limit": 0.2, "exception": shown}
    return [about | ends | {"gap": value}]


@pytest.mark.parametrize(
    ("gap", "expires", "today", "said"),
    [
        pytest.param(0.2, None, TODAY, None, id="at its limit"),
        pytest.param(0.2001, None, TODAY, "above its limit 0.2: bring it", id="beyond"),
        pytest.param(0.3, LAST_DAY, TODAY, None, id="declared"),
        pytest.param(0.3, LAST_DAY, LAST_DAY, None, id="on its last day"),
        pytest.param(
            0.3,
            LAST_DAY,
            LAST_DAY + datetime.timedelta(days=1),
            "its exception expired on 2027-05-28: bring it to 0.2 or less, or decide again",
            id="expired",
        ),
        pytest.param(0.1, LAST_DAY, TODAY, "keeps its limit 0.2: remove its", id="not needed"),
    ],
)
def test_an_exception_holds_until_its_last_day_and_only_where_it_is_needed(
    gap: float, expires: datetime.date | None, today: datetime.date, said: str | None
) -> None:
    declared = exception("partner", "recall", expires=expires) if expires else None
    prose = {"fairness_exceptions": [declared] if declared else []}
    faults = fairness_limits.faults(gap_of(gap, declared), prose, today)
    assert len(faults) == (said is not None)
    assert said is None or said in faults[0]


def test_an_exception_for_groups_that_were_not_measured_is_a_fault() -> None:
    prose = {"fairness_exceptions": [exception("partner", "recall")]}
    (said,) = fairness_limits.faults([], prose, TODAY)
    assert said.startswith("recall of partner: fewer than two groups are measured")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"fairness_limits": 0.2}, "fairness_limits: give a mapping"),
        ({"fairness_limits": {"recal": 0.2}}, "fairness_limits: recal is not measured"),
        ({"fairness_limits": {"recall": "low"}}, "fairness_limits: recall: give a number"),
        ({"factors": {}}, "fairness_limits: no groups to compare"),
        ({"fairness_exceptions": "none"}, "fairness_exceptions: give a list"),
        ({"fairness_exceptions": ["partner"]}, "exception 1: give factor, metric, owner"),
        (
            {"fairness_exceptions": [exception("partner", "recall", reason="")]},
            "exception 1: reason: give a text",
        ),
        (
            {"fairness_exceptions": [exception("partner", "recall", expires="soon")]},
            "exception 1: expires: give a date",
        ),
        (
            {"fairness_exceptions": [exception("tenure", "recall")]},
            "exception 1: tenure is not one of factors.evaluation_factors",
        ),
        (
            {"fairness_exceptions": [exception("partner", "precision")]},
            "exception 1: precision has no limit",
        ),
        (
            {"fairness_exceptions": [exception("partner", "recall")] * 2},
            "exception 2: an earlier one is of the same factor and metric",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_fault_in_limits_or_exceptions_is_named(
    prose: dict[str, Any], changes: dict[str, Any], said: str
) -> None:
    assert fairness_prose.fault(prose) == ""
    assert said in fairness_prose.fault(prose | changes)


@pytest.fixture
def unfair(candidate: Candidate) -> Candidate:
    """A scorecard that adds two log-odds to every woman."""
    document = deepcopy(candidate.document)
    term = next(term for term in document["terms"] if term["features"] == ["female"])
    yes = term["bins"][0]["values"].index(True)
    term["points"][yes] += 2.0
    return replace(candidate, document=document)


def test_planted_unfairness_is_refused_and_let_through_by_an_exception_in_force(
    contract: Contract,
    customers: TrainingData,
    unfair: Candidate,
    prose: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(evaluation, "RESAMPLES", 2)
    monkeypatch.setattr(repeated_validation, "REPEATS", 1)
    monkeypatch.setattr(release_figures, "measure_partial", lambda *_: PARTIAL)
    prose["factors"]["evaluation_factors"] = ["female"]
    prose["thresholds"], prose["fairness_exceptions"] = {}, []

    def release(today: datetime.date) -> dict[str, bytes]:
        given = contract, customers, prose, unfair
        return make_release(*given, lambda step: None, today=today)[0]

    with pytest.raises(RefusedError) as refused:
        release(TODAY)
    metrics = [line.partition(" of female: Female: yes has ")[0] for line in refused.value.faults]
    assert metrics == ["recall", "false_positive_rate"]
    prose["fairness_exceptions"] = [exception("female", metric) for metric in metrics]
    card = yaml.safe_load(release(LAST_DAY)["card.yaml"])["model_card"]
    assert [e["expires"] for e in card["fairness_exceptions"]] == [str(LAST_DAY)] * 2
    with pytest.raises(RefusedError, match="its exception expired on 2027-05-28"):
        release(LAST_DAY + datetime.timedelta(days=1))
