"""Each rule of the standard catches a violation planted in documents that are otherwise clean."""

from __future__ import annotations

import ast
import datetime
import shutil
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app.handbook.documents import teams
from app.handbook.documents.library import Library
from app.handbook.rendering.anchors import Anchors, ids
from app.handbook.rules import standard, team_names
from app.handbook.rules.finding import Finding
from tests.handbook.conftest import SAMPLE
from tests.handbook.rules.planted import (
    GUIDE,
    NEW,
    PLANTED,
    RUNBOOK,
    Plant,
    nothing,
    swap,
    with_teams,
)
from tests.handbook.rules.planted_experiments import PLANTED_EXPERIMENTS
from tests.handbook.rules.planted_incidents import PLANTED_INCIDENTS

EVERY = PLANTED + PLANTED_INCIDENTS + PLANTED_EXPERIMENTS

ROOT = Path(__file__).parents[3]
TODAY = datetime.date(2026, 11, 23)


def check(folder: Path) -> list[Finding]:
    return standard.check(Library(folder), TODAY, {"/", "/docs"}.__contains__)


def test_the_sample_holds_to_the_standard() -> None:
    """The documents that violations are planted in have one finding: an old review."""
    found = check(SAMPLE)
    assert [(f.rule, f.level, f.line) for f in found] == [("overdue", "warning", 49)]


@pytest.mark.parametrize(
    ("rule", "level", "path", "plant"),
    [pytest.param(*case, id=f"{case[0]}-{i}") for i, case in enumerate(EVERY)],
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
    """Every rule finds a planted violation."""
    package = Path(standard.__file__).parent.parent
    rules = set()
    for module in package.rglob("*.py"):
        for node in ast.walk(ast.parse(module.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                place = {"Finding": 2, "Fault": 0}.get(node.func.id)
                if place is not None and len(node.args) > place:
                    rule = node.args[place]
                    rules |= {rule.value} if isinstance(rule, ast.Constant) else set()
    planted = {rule for rule, *_ in EVERY}
    assert rules | {"link", "anchor", "image"} == planted


def test_checks_are_the_service_s_and_each_belongs_to_a_cause(folder: Path) -> None:
    """A group counts as a name, but finds none of its checks a cause."""

    def found(*checks: str) -> list[str]:
        findings = standard.check(Library(folder), TODAY, checks=checks)
        return sorted(f.message.partition(":")[0] for f in findings if f.rule == "check")

    other = "runbooks/model-release-refused.md"
    swap(other, "churn diagnose model", "churn diagnose model.x")(folder)
    known = ("cache.a", "model.x", "workers.b")
    assert found(*known[:2]) == [
        "no cause names the check cache.a",
        "the service has no check workers",
    ]
    swap(RUNBOOK, "churn diagnose cache", "churn diagnose cache.a")(folder)
    swap(RUNBOOK, "churn diagnose workers", "churn diagnose workers.b")(folder)
    assert found(*known) == []
    assert found(*known, "workers.c") == ["no cause names the check workers.c"]


@pytest.mark.parametrize(
    "owner", ["Platform team", "Customer Success", "SRE", "Data Platform", "ML", "Machine learning"]
)
def test_teams_are_owners(folder: Path, owner: str) -> None:
    swap(GUIDE, "Platform team", owner)(folder)
    assert [f for f in check(folder) if f.rule == "owner"] == []


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("ML team", "ML engineers"),
        ("service team", "Service team"),
        ("on-call engineers", "On-call team"),
        ("Everybody", "one of its teams"),
    ],
)
def test_a_wrong_team_is_corrected(wrong: str, right: str) -> None:
    """Against the service's own list."""
    names = [team.name for team in teams.read(ROOT)[0]]
    assert f"write {right}," in str(team_names.unknown(wrong, names)).replace(
        "name one", "write one"
    )


def test_the_sample_holds_to_a_list_of_its_teams(folder: Path) -> None:
    """Without a list, any team is one."""
    before = check(folder)
    with_teams(nothing)(folder)
    assert check(folder) == before


def test_a_test_named_under_confirmation_is_looked_up(folder: Path) -> None:
    """By parsing the file: a name in a comment or a text is no test."""
    (folder / "tests").mkdir()
    code = "class TestA:\n    async def test_b(self): ...\n# def test_c(): ...\n"
    (folder / "tests" / "test_x.py").write_text(code)
    swap(NEW, "benchmarks/size.py::main", "tests/test_x.py::TestA::test_b[case 1]")(folder)
    assert [f for f in check(folder) if f.rule == "confirmation"] == []
    swap(NEW, "TestA::test_b", "test_c")(folder)
    assert [(f.level, f.line) for f in check(folder) if f.rule == "confirmation"] == [("error", 54)]


def test_documents_without_rules_or_tests_beside_them_are_accepted(folder: Path) -> None:
    """Alerts are not judged where there are no rules; tests kept elsewhere are no error."""
    shutil.rmtree(folder / "deploy")
    shutil.rmtree(folder / "benchmarks")
    assert [f for f in check(folder) if f.level == "error"] == []


def test_numbers_beyond_three_digits_are_in_order(folder: Path) -> None:
    """ADR-1000 follows ADR-999, although file names sort differently."""
    (folder / "adrs").joinpath("x").mkdir()
    for number in range(3, 1002):
        file = folder / "adrs" / f"{number:03}-a.md"
        file.write_text(f"# ADR-{number:03}: A\n")
    assert [f for f in check(folder) if f.rule == "number"] == []


@pytest.mark.parametrize("path", ["guides/onboarding.md", "adrs/002-scorecard.md"])
def test_an_id_that_the_check_knows_is_on_the_page(reader: FlaskClient, path: str) -> None:
    """Title included: what the check takes for an anchor, a browser finds."""
    library = Library(SAMPLE)
    known = Anchors(library)[path]
    page = reader.get(library.by_path[path].url).text
    assert len(known) > 2
    assert known <= ids(page)
