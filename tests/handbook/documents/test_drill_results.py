"""The results of drills are read, and their digests change with what was drilled."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from app.handbook.documents import alert_rule_files, drill_results
from app.handbook.documents.library import Library

SAMPLE = Path(__file__).parent.parent / "sample"
ENTRY: dict[str, Any] = {
    "runbook": "queue-full",
    "cause": "cause-1-a-worker-hangs",
    "alert": "QueueFull",
    "check": "queue.worker",
    "commit": "1a2b3c4",
    "at": "2026-11-26T13:05:12Z",
    "passed": True,
    "detect": 6.1,
    "diagnose": 1.2,
    "recover": None,
    "digests": {"section": "a", "check": "b", "alert": "c"},
}


def _written(root: Path, text: str) -> Path:
    (root / "drills").mkdir()
    (root / drill_results.FILE).write_text(text, "utf-8")
    return root


def test_results_are_read_by_runbook_and_cause(tmp_path: Path) -> None:
    """More keys than the pages need are no fault."""
    text = json.dumps({"minute": 1.0, "drills": [{**ENTRY, "requests": 812}], "blind": {}})
    results = drill_results.read(_written(tmp_path, text))
    drill = results.drills["queue-full", "cause-1-a-worker-hangs"]
    assert (results.fault, results.minute) == ("", 1.0)
    assert (drill.at.isoformat(), drill.detect) == ("2026-11-26T13:05:12+00:00", 6.1)
    assert drill.recover is None


def test_without_results_nothing_is_proven(tmp_path: Path) -> None:
    """A team may leave the drills out."""
    assert drill_results.read(tmp_path) == drill_results.DrillResults()


@pytest.mark.parametrize(
    "text",
    [
        "<<<<<<< HEAD",
        "[]",
        '{"drills": [], "minute": "long"}',
        json.dumps({"minute": 1, "drills": [{**ENTRY, "at": "yesterday"}]}),
        json.dumps({"minute": 1, "drills": [{**ENTRY, "at": "2026-11-26T13:05:12"}]}),
        json.dumps({"minute": 1, "drills": [{**ENTRY, "digests": 7}]}),
    ],
)
def test_damaged_results_prove_nothing_and_say_why(tmp_path: Path, text: str) -> None:
    """Pages stay readable with a merge's marks in the file."""
    results = drill_results.read(_written(tmp_path, text))
    assert results.drills == {}
    assert results.fault


def test_a_sections_digest_changes_with_its_words_alone(tmp_path: Path) -> None:
    """Neither blanks at the end of a line nor another cause changes it."""
    file = tmp_path / "runbooks" / "a.md"
    file.parent.mkdir()
    text = "## Common Causes & Solutions\n### Cause 1: A\n**Check**: `a`\n### Cause 2: B\nold\n"

    def digests(written: str) -> list[str]:
        file.write_text(written, "utf-8")
        runbook = Library(tmp_path).runbooks[0]
        return [drill_results.section_digest(runbook, cause) for cause in runbook.causes]

    first, second = digests(text)
    assert digests(text.replace("`a`\n", "`a`  \n\n")) == [first, second]
    assert digests("# Runbook: A\n" + text.replace("old", "new"))[0] == first
    assert digests(text.replace("old", "new"))[1] != second


@pytest.mark.parametrize("name", ["name", "expression", "duration", "severity", "runbook_url"])
def test_an_alerts_digest_changes_with_each_part(name: str) -> None:
    """Its place in the file and its summary don't count."""
    rule = alert_rule_files.read(SAMPLE)[0][0]
    digest = drill_results.alert_digest(rule)
    assert drill_results.alert_digest(dataclasses.replace(rule, **{name: "another"})) != digest
    assert drill_results.alert_digest(dataclasses.replace(rule, line=99, summary="x")) == digest
