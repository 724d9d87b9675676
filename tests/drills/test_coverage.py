"""Every cause is drilled, and every drill is of a cause."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from app.diagnostics.checks import of
from app.handbook.documents import alert_rule_files
from app.handbook.documents.command_blocks import LANGUAGES
from app.handbook.documents.document_types import Cause, Runbook
from drills import reader, results_file
from drills.faults import FAULTS
from tools.servers import ROOT

RUNBOOKS = {runbook.slug: runbook for runbook in reader.alerting(ROOT)}
RULES = {rule.name: rule for rule in alert_rule_files.read(ROOT)[0]}


def causes() -> Iterator[tuple[Runbook, Cause]]:
    for runbook in RUNBOOKS.values():
        for cause in runbook.causes:
            yield runbook, cause


def test_every_cause_has_a_fault_and_every_fault_a_cause() -> None:
    assert {(runbook.slug, cause.section.id) for runbook, cause in causes()} == FAULTS.keys()


@pytest.mark.parametrize("key", FAULTS, ids="/".join)
def test_a_fault_is_named_by_the_check_and_an_alert_of_its_runbook(key: tuple[str, str]) -> None:
    runbook, fault = RUNBOOKS[key[0]], FAULTS[key]
    told = next(t for t in reader.told(runbook) if t.cause.section.id == key[1])
    assert fault.check in of(told.name)
    assert fault.alert in runbook.alerts
    assert RULES[fault.alert].runbook == runbook.path
    assert RULES[fault.alert].heading in {"", key[1]}


def test_every_solution_is_drilled_or_for_a_cluster() -> None:
    """No block of a cause is outside: what the drill doesn't run is checked against manifests."""
    outside = [
        (runbook.slug, fence.line)
        for runbook, cause in causes()
        for fence in cause.section.fences
        if fence.language in LANGUAGES
        and fence not in list(reader.machine_blocks(runbook, cause.section.fences))
        and "needs=cluster" not in runbook.text.lines[fence.line - 1]
    ]
    assert outside == []


def test_the_results_have_every_cause_proven() -> None:
    known = json.loads(results_file.COMMITTED.read_text("utf-8"))
    passed = {(drill["runbook"], drill["cause"]): drill["passed"] for drill in known["drills"]}
    assert passed == dict.fromkeys(FAULTS, True)


def test_blind_readers_name_what_was_drawn() -> None:
    """In thirty rounds or more: each fault is detected, and nobody is alarmed without one."""
    runs = json.loads(results_file.COMMITTED.read_text("utf-8"))["blind"]
    rounds = [found for run in runs for found in run["rounds"]]
    assert len(rounds) >= 30
    assert sum(run["detected"] for run in runs) == sum(run["faults"] for run in runs)
    assert sum(found["right"] for found in rounds) >= 0.93 * len(rounds)
    assert sum(run["wrong_alarms"] for run in runs) == 0


def test_in_each_drill_only_the_own_check_said_yes() -> None:
    """The table of faults by checks is a diagonal within each runbook."""
    for drill in json.loads(results_file.COMMITTED.read_text("utf-8"))["drills"]:
        own = [name for name, yes in drill["verdicts"].items() if yes]
        assert own == [drill["check"]]
        assert drill["verdicts"].keys() == {
            told.name for told in reader.told(RUNBOOKS[drill["runbook"]])
        }
