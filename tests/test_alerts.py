"""The alert rules: sound, tested, and each with a runbook whose alerts name it."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import yaml
from flask.testing import FlaskClient

from tests.servers import ROOT, program

FOLDER = ROOT / "deploy" / "prometheus"


def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load((FOLDER / "alerts.yml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def promtool(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [program("promtool"), *arguments], cwd=FOLDER, capture_output=True, text=True, check=False
    )


def test_prometheus_accepts_the_rules() -> None:
    done = promtool("check", "rules", "alerts.yml")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_rules_fire_and_are_silent_when_they_should() -> None:
    done = promtool("test", "rules", "alerts_test.yml")
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_planted_fault_fails_the_rules_test(tmp_path: Path) -> None:
    """With its threshold doubled, the error rate's rule no longer fires."""
    text = (FOLDER / "alerts.yml").read_text()
    (tmp_path / "alerts.yml").write_text(text.replace("> 0.01", "> 0.02"))
    (tmp_path / "alerts_test.yml").write_text((FOLDER / "alerts_test.yml").read_text())
    done = subprocess.run(
        [program("promtool"), "test", "rules", "alerts_test.yml"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1


def test_every_alert_opens_a_runbook_that_names_it(client: FlaskClient) -> None:
    """And every alert that a runbook names is a rule."""
    documents = client.get("/handbook.json").get_json()
    documents = documents["documents"] if isinstance(documents, dict) else documents
    named = {d["slug"]: set(d["alerts"]) for d in documents if d["kind"] == "runbook"}
    opened: dict[str, set[str]] = {slug: set() for slug in named}
    for rule in rules():
        assert rule["alert"].startswith("ChurnApi")
        assert {"summary", "description", "runbook_url"} <= set(rule["annotations"])
        slug = rule["annotations"]["runbook_url"].rpartition("/runbooks/")[2]
        opened[slug].add(rule["alert"])
    assert opened == named
