from __future__ import annotations

import datetime
import json
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from app.handbook import commands
from app.handbook.commands import handbook
from tests.handbook.conftest import SAMPLE, make_app

RUNBOOK = "runbooks/high-api-latency.md"


def run(book: Flask, *args: object) -> Result:
    return book.test_cli_runner().invoke(handbook, ["check", *map(str, args)])


def plant(folder: Path) -> None:
    """One error, beside the warning that the sample has."""
    file = folder / RUNBOOK
    file.write_text(file.read_text("utf-8").replace("P2 (Warning)", "bad"), "utf-8")


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    """A day on which one review of the sample is overdue."""
    monkeypatch.setattr(commands, "_today", lambda: datetime.date(2026, 11, 23))


@pytest.fixture
def book() -> Flask:
    """The sample in an application that has the page to which the guide links."""
    app = make_app(SAMPLE, None)
    app.add_url_rule("/docs", "docs")
    return app


def test_warnings_alone_pass(book: Flask) -> None:
    result = run(book)
    assert result.exit_code == 0
    assert result.stdout == (
        "runbooks/model-release-refused.md:49: warning: last updated "
        + result.stdout.split("last updated ")[1]
    )
    assert "0 errors, 1 warnings" in result.stderr


def test_strict_makes_warnings_count(book: Flask) -> None:
    assert run(book, "--strict").exit_code == 1


def test_an_error_fails(book: Flask, folder: Path) -> None:
    plant(folder)
    result = run(book, folder)
    assert result.exit_code == 1
    assert f"{folder}/{RUNBOOK}:3: error: not a severity: write " in result.stdout


def test_one_file_is_judged_among_its_neighbours(book: Flask, folder: Path) -> None:
    """Checks one file; its links and numbers are looked up in its folder."""
    plant(folder)
    assert run(book, folder / "guides" / "onboarding.md").exit_code == 0
    assert run(book, folder / "adrs" / "002-scorecard.md").exit_code == 0
    assert run(book, folder / RUNBOOK).exit_code == 1


def test_a_file_elsewhere_is_of_the_kind_its_title_says(book: Flask, tmp_path: Path) -> None:
    file = tmp_path / "x" / "anything.md"
    file.parent.mkdir()
    file.write_text("# Runbook: A\n")
    assert "no section `## Symptoms`" in run(book, file).stdout
    file.write_text("# ADR-001: A\n")
    assert "no section `## Context`" in run(book, file).stdout


def test_json_is_a_list_of_findings(book: Flask, folder: Path) -> None:
    plant(folder)
    result = run(book, "--format", "json", folder)
    found = json.loads(result.stdout)
    assert {key: found[0][key] for key in ("level", "rule", "path", "line")} == {
        "level": "error",
        "rule": "severity",
        "path": f"{folder}/{RUNBOOK}",
        "line": 3,
    }
    assert all(set(f) == {"level", "rule", "path", "line", "message"} for f in found)
    assert json.loads(run(book, "--format", "json", SAMPLE / RUNBOOK).stdout) == []


def test_github_is_annotations(book: Flask, folder: Path) -> None:
    plant(folder)
    lines = run(book, "--format", "github", folder).stdout.splitlines()
    assert lines[0].startswith(f"::error file={folder}/{RUNBOOK},line=3,title=severity::not a")
    assert len(lines) == 2


@pytest.mark.parametrize("name", ["nowhere", "empty", "a.txt"])
def test_a_path_that_is_none_of_ours_is_wrong_usage(book: Flask, tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "a.txt").write_text("# A\n")
    result = run(book, tmp_path / name)
    assert result.exit_code == 2
    assert name in result.stderr
    assert "Traceback" not in result.output


def test_any_bytes_give_findings(book: Flask, folder: Path) -> None:
    (folder / RUNBOOK).write_bytes(bytes(range(256)) * 64)
    result = run(book, folder / RUNBOOK)
    assert result.exit_code == 1
    assert "[encoding]" in result.stdout


def test_a_model_card_can_be_checked_by_itself(book: Flask, folder: Path) -> None:
    card = folder / "model" / "releases" / "1.0.0" / "card.yaml"
    assert run(book, "--strict", card).exit_code == 0
    card.write_text(card.read_text("utf-8").replace("value: 0.5", "value: 0.3"), "utf-8")
    result = run(book, card)
    assert result.exit_code == 1
    assert result.stdout.startswith(f"{card}:15: error: roc_auc: 0.3 misses its threshold 0.4")


FOREIGN = {
    "runbooks/disk-full.md": """\
Runbook: Disk full
==================

## Severity: P1 - Critical
## Symptoms
* Writes fail with `ENOSPC` for 5 minutes
## Impact
**Users:** orders are lost.

**Business:** revenue.

**SLO:** availability.
## Investigation steps
### 1. Look
~~~sh
df -h
~~~
## Common Causes and Solutions
### Cause 1 - Logs
**Symptoms:** `/var/log` grows.

**Solution:** rotate them.
## Escalation
Payments squad, after 10 minutes.
## Prevention
* [x] Rotate
## Related Documents
* [The decision](../adrs/001-disks.md#decision)

**Last Updated:** 2026-11-01
**Owner:** Payments squad
**Reviewers:** SRE, Storage crew
""",
    "adrs/001-disks.md": """\
# ADR-001: Buy disks

## Status
**Accepted**, 2026-10-01
## Context
They are full.
## Decision
Buy some.
## Rationale
### Pros
- Space
### Cons
- Money
### Comparison
Option | Cost
--- | ---
buy | 3
## Consequences
### Positive
- Space
### Negative
- Money
## Alternatives Considered
### Delete
**Pros:** free. **Cons:** gone.

**Rejected:** it is our data.
## References
None.

**Date:** 2026-10-01
**Deciders:** storage lead
**Consulted:** everyone on call
""",
    "guides/disks.md": """\
# Disks

For whoever swaps one.

## Swap
Pull, push.

**Last Updated:** 2026-11-01
**Owner:** Storage crew
""",
}


def test_documents_written_elsewhere_are_accepted(book: Flask, tmp_path: Path) -> None:
    """The same format by another team: our additional rules give warnings, nothing an error."""
    for name, text in FOREIGN.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(text.replace("\n", "\r\n").encode())
    result = run(book, "--format", "json", tmp_path)
    found = json.loads(result.stdout)
    assert [finding for finding in found if finding["level"] == "error"] == []
    assert {finding["rule"] for finding in found} == {
        *("alerts", "check", "confirmation", "example", "line-ends"),
    }
    assert result.exit_code == 0


def test_the_check_of_everything_counts_the_blocks_of_commands(folder: Path) -> None:
    """An unproven one is a warning, so a strict check fails."""
    assert "run by the tests, 0 run by a drill" in run(make_app(folder, None)).stderr
    (folder / RUNBOOK).write_text((folder / RUNBOOK).read_text().replace("```bash run", "```bash"))
    book = make_app(folder, None)
    unproven = run(book)
    assert "not proven" in unproven.stderr
    assert "who proves these commands?" in unproven.stdout
    assert run(book, "--strict").exit_code == 1
