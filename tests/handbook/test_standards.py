"""Each rule of the standard catches a violation planted in documents that are otherwise clean."""

from __future__ import annotations

import ast
import datetime
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from app.handbook import standards
from app.handbook.findings import Finding
from app.handbook.library import Library
from tests.handbook.conftest import SAMPLE

TODAY = datetime.date(2026, 11, 23)
RUNBOOK = "runbooks/high-api-latency.md"
OLD, NEW = "adrs/001-pickle.md", "adrs/002-scorecard.md"
GUIDE = "guides/onboarding.md"

Plant = Callable[[Path], None]


def swap(path: str, old: str, new: str) -> Plant:
    """Replace words that are there."""

    def plant(folder: Path) -> None:
        text = (folder / path).read_text("utf-8")
        assert old in text
        (folder / path).write_text(text.replace(old, new), "utf-8")

    return plant


def without(path: str, heading: str) -> Plant:
    """Drop a section: its heading and everything down to the next of its level."""

    def plant(folder: Path) -> None:
        text = (folder / path).read_text("utf-8")
        level = heading.split(maxsplit=1)[0]
        left, found = re.subn(
            rf"^{re.escape(heading)}\n.*?(?=^#{{1,{len(level)}}} |^---$)",
            "",
            text,
            flags=re.M | re.S,
        )
        assert found == 1
        (folder / path).write_text(left, "utf-8")

    return plant


def emptied(path: str, heading: str) -> Plant:
    """Leave a section's heading alone."""

    def plant(folder: Path) -> None:
        text = (folder / path).read_text("utf-8")
        left, found = re.subn(
            rf"(^{re.escape(heading)}\n).*?(?=^## |^---$)", r"\1\n", text, flags=re.M | re.S
        )
        assert found == 1
        (folder / path).write_text(left, "utf-8")

    return plant


def raw(path: str, change: Callable[[bytes], bytes]) -> Plant:
    """Change a document's bytes."""

    def plant(folder: Path) -> None:
        (folder / path).write_bytes(change((folder / path).read_bytes()))

    return plant


def moved(path: str, to: str) -> Plant:
    """Give a document another name."""

    def plant(folder: Path) -> None:
        (folder / path).rename(folder / to)

    return plant


PLANTED: list[tuple[str, str, str, Plant]] = [
    # rule, level, the document it is found in, the violation
    ("encoding", "error", RUNBOOK, raw(RUNBOOK, lambda b: b.replace(b"slow", b"sl\xf6w"))),
    ("encoding", "warning", RUNBOOK, raw(RUNBOOK, lambda b: b"\xef\xbb\xbf" + b)),
    ("line-ends", "warning", RUNBOOK, raw(RUNBOOK, lambda b: b.replace(b"\n", b"\r\n"))),
    ("size", "error", GUIDE, raw(GUIDE, lambda b: b + b"more words\n" * 500_000)),
    ("name", "error", "guides/Not A Name.md", moved(GUIDE, "guides/Not A Name.md")),
    ("name", "error", "adrs/decision.md", moved(NEW, "adrs/decision.md")),
    ("title", "error", RUNBOOK, swap(RUNBOOK, "# Runbook: High", "# High")),
    ("title", "error", OLD, swap(OLD, "# ADR-001: ", "# ")),
    ("title", "error", GUIDE, swap(GUIDE, "# Your first day\n", "")),
    ("title", "error", GUIDE, swap(GUIDE, "## Start", "# Start")),
    ("footer", "error", RUNBOOK, swap(RUNBOOK, "**Reviewers**", "Reviewers")),
    ("footer", "error", GUIDE, swap(GUIDE, "**Owner**: Platform team", "")),
    ("footer", "error", OLD, swap(OLD, "**Consulted**: Platform lead", "**Consulted**:")),
    ("date", "error", RUNBOOK, swap(RUNBOOK, "2026-10-20", "2026-02-30")),
    ("date", "error", RUNBOOK, swap(RUNBOOK, "2026-10-20", "20 October")),
    ("date", "error", GUIDE, swap(GUIDE, "2026-11-10", "2026-11-24")),
    ("date", "error", OLD, swap(OLD, "2026-03-02", "2027-03-02")),
    ("overdue", "warning", RUNBOOK, swap(RUNBOOK, "2026-10-20", "2026-08-24")),
    ("owner", "error", RUNBOOK, swap(RUNBOOK, "r**: Platform team", "r**: Jane Doe")),
    ("owner", "error", RUNBOOK, swap(RUNBOOK, "Machine learning team,", "jane@example.org,")),
    ("owner", "error", GUIDE, swap(GUIDE, "Platform team", "TBD")),
    ("fence", "error", GUIDE, swap(GUIDE, 'monthly_charges": 65.5}}\n```', 'x": 1}}\n')),
    ("fence-language", "error", GUIDE, swap(GUIDE, "```python", "```")),
    ("raw-html", "error", GUIDE, swap(GUIDE, "For an engineer", "For <b>an</b> engineer")),
    ("raw-html", "error", GUIDE, swap(GUIDE, "> The", "<div>\nx\n</div>\n\n> The")),
    ("opening", "error", GUIDE, emptied(GUIDE, "# Your first day")),
    ("section", "error", GUIDE, swap(GUIDE, "## ", "")),
    ("severity", "error", RUNBOOK, swap(RUNBOOK, "P2 (Warning)", "high")),
    ("severity", "error", RUNBOOK, without(RUNBOOK, "## Severity: P2 (Warning)")),
    ("alerts", "warning", RUNBOOK, without(RUNBOOK, "## Alerts")),
    ("alerts", "warning", RUNBOOK, emptied(RUNBOOK, "## Alerts")),
    ("symptoms", "error", RUNBOOK, swap(RUNBOOK, "\n- ", "\n")),
    ("impact", "error", RUNBOOK, swap(RUNBOOK, "**SLO**", "SLO")),
    ("steps", "error", RUNBOOK, swap(RUNBOOK, "### 3. ", "### 4. ")),
    ("steps", "error", RUNBOOK, swap(RUNBOOK, "### ", "")),
    ("step-command", "error", RUNBOOK, swap(RUNBOOK, "### 3. F", "### 3. A\n\nx\n\n### 4. F")),
    ("causes", "error", RUNBOOK, swap(RUNBOOK, "### Cause 2", "### Cause 3")),
    ("causes", "error", RUNBOOK, swap(RUNBOOK, "### Cause", "Cause")),
    ("cause", "error", RUNBOOK, swap(RUNBOOK, "**Solution**: restart", "Restart")),
    ("cause", "error", RUNBOOK, swap(RUNBOOK, "**Symptoms**: every", "every")),
    ("check", "warning", RUNBOOK, swap(RUNBOOK, "**Check**: `churn", "`churn")),
    ("prevention", "error", RUNBOOK, swap(RUNBOOK, "- [", "- x[")),
    ("related", "error", RUNBOOK, swap(RUNBOOK, "](", "] (")),
    *[
        ("section", "error", RUNBOOK, plant(RUNBOOK, f"## {title}"))
        for title in (
            "Symptoms",
            "Impact",
            "Investigation Steps",
            "Common Causes & Solutions",
            "Escalation",
            "Prevention",
            "Related Documents",
        )
        for plant in (without, emptied)
    ],
    *[
        ("section", "error", OLD, plant(OLD, f"## {title}"))
        for title in ("Status", "Context", "Decision", "Rationale", "Consequences")
        for plant in (without, emptied)
    ],
    *[
        ("section", "error", OLD, without(OLD, f"### {title}"))
        for title in ("Pros", "Cons", "Comparison", "Positive", "Negative")
    ],
    ("section", "error", OLD, without(OLD, "## Alternatives Considered")),
    ("section", "error", OLD, without(OLD, "## References")),
    ("confirmation", "warning", OLD, without(OLD, "## Confirmation")),
    (
        "confirmation",
        "error",
        OLD,
        swap(OLD, "Measured by hand", "`tests/test_none.py::test_x`"),
    ),
    ("comparison", "error", OLD, swap(OLD, "|---|---|---|\n", "")),
    ("alternatives", "error", OLD, swap(OLD, "**Rejected**", "Rejected")),
    ("alternatives", "error", OLD, swap(OLD, "### ONNX", "")),
    ("status", "error", NEW, swap(NEW, "Accepted\n", "Perhaps\n")),
    ("status", "error", OLD, swap(OLD, "Superseded by ADR-002", "Accepted, superseded by ADR-002")),
    ("number", "error", "adrs/004-scorecard.md", moved(NEW, "adrs/004-scorecard.md")),
    ("number", "error", NEW, swap(NEW, "# ADR-002", "# ADR-003")),
    ("number", "error", "adrs/002-pickle.md", moved(OLD, "adrs/002-pickle.md")),
    ("supersession", "error", NEW, swap(OLD, "Superseded by ADR-002", "Accepted")),
    ("supersession", "error", OLD, swap(NEW, "Supersedes ADR-001", "")),
    ("supersession", "error", OLD, swap(OLD, "Superseded by ADR-002", "Superseded")),
    ("supersession", "error", OLD, swap(OLD, "Superseded by ADR-002", "Superseded by ADR-007")),
    ("link", "error", GUIDE, swap(GUIDE, "../runbooks/high-api-latency.md", "../runbooks/no.md")),
    ("link", "error", GUIDE, swap(GUIDE, "../runbooks/high-api-latency.md", "../model/no.yaml")),
    ("link", "error", GUIDE, swap(GUIDE, "../runbooks/high-api-latency.md", "../../outside")),
    ("link", "error", GUIDE, swap(GUIDE, "(/docs)", "(javascript:alert)")),
    ("link", "error", GUIDE, swap(GUIDE, "(/docs)", "(/nowhere)")),
    ("anchor", "error", RUNBOOK, swap(RUNBOOK, "#confirmation", "#confirmed")),
    ("anchor", "error", "runbooks/model-release-refused.md", swap(RUNBOOK, "Cause 1:", "Cause 2:")),
]


def check(folder: Path) -> list[Finding]:
    return standards.check(Library(folder), TODAY, {"/", "/docs"}.__contains__)


def test_the_sample_holds_to_the_standard() -> None:
    """The documents that violations are planted in have one finding: an old review."""
    found = check(SAMPLE)
    assert [(f.rule, f.level, f.line) for f in found] == [("overdue", "warning", 49)]


@pytest.mark.parametrize(
    ("rule", "level", "path", "plant"),
    [pytest.param(*case, id=f"{case[0]}-{i}") for i, case in enumerate(PLANTED)],
)
def test_a_planted_violation_is_found(
    folder: Path, rule: str, level: str, path: str, plant: Plant
) -> None:
    before = {(f.rule, f.path, f.line) for f in check(folder)}
    plant(folder)
    found = [f for f in check(folder) if (f.rule, f.path, f.line) not in before]
    mine = [f for f in found if (f.rule, f.level, f.path) == (rule, level, path)]
    assert mine, found
    lines = (folder / path).read_text("utf-8", "replace").split("\n")
    assert all(1 <= finding.line <= len(lines) and finding.message for finding in mine)


def test_every_rule_has_a_planted_violation() -> None:
    """A rule that nothing trips is no rule."""
    package = Path(standards.__file__).parent
    rules = set()
    for module in package.glob("*.py"):
        for node in ast.walk(ast.parse(module.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                place = {"Finding": 2, "Fault": 0}.get(node.func.id)
                if place is not None and len(node.args) > place:
                    rule = node.args[place]
                    rules |= {rule.value} if isinstance(rule, ast.Constant) else set()
    planted = {rule for rule, *_ in PLANTED}
    assert rules | {"link", "anchor"} == planted


@pytest.mark.parametrize(
    "owner", ["Platform team", "Customer Success", "SRE", "Data Platform", "ML", "Machine learning"]
)
def test_teams_are_owners(folder: Path, owner: str) -> None:
    swap(GUIDE, "Platform team", owner)(folder)
    assert [f for f in check(folder) if f.rule == "owner"] == []


def test_a_test_named_under_confirmation_is_looked_up(folder: Path) -> None:
    (folder / "tests").mkdir()
    (folder / "tests" / "test_x.py").write_text("class TestA:\n    def test_b(self): ...\n")
    swap(OLD, "Measured by hand", "`tests/test_x.py::TestA::test_b`")(folder)
    assert [f for f in check(folder) if f.rule == "confirmation"] == []
    swap(OLD, "TestA::test_b", "TestA::test_c")(folder)
    assert [f.line for f in check(folder) if f.rule == "confirmation"] == [52]
