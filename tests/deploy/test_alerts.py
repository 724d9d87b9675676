"""The alert rules are valid and tested, and each has a runbook that names it."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from flask.testing import FlaskClient

from scripts import alerts
from tools.servers import ROOT, program

FOLDER = ROOT / "deploy" / "prometheus"

TESTED = (
    "http://churn-api.churn-mlops.svc:8000",
    "http://grafana.churn-mlops.svc:3000/d/api-overview",
    "https://handbook.example.com",
)
"""The addresses in alerts_test.yml, which promtool compares to the letter: ours may be others."""


def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load((FOLDER / "alerts.yml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def promtool(*arguments: str, folder: Path = FOLDER) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [program("promtool"), *arguments], cwd=folder, capture_output=True, text=True, check=False
    )


@pytest.fixture
def tested(tmp_path: Path) -> Path:
    """A folder of the rules with the addresses of their tests, and of the tests."""
    (tmp_path / "alerts.yml").write_text(alerts.render(*TESTED))
    for name in ("alerts_test.yml", "alerts_slow_test.yml"):
        shutil.copy(FOLDER / name, tmp_path)
    return tmp_path


def test_prometheus_accepts_the_rules() -> None:
    done = promtool("check", "rules", "alerts.yml")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_rules_fire_and_are_silent_when_they_should(tested: Path) -> None:
    done = promtool("test", "rules", "alerts_test.yml", "alerts_slow_test.yml", folder=tested)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_planted_fault_fails_the_rules_test(tested: Path) -> None:
    """With its threshold doubled, the error rate's rule no longer fires."""
    text = (tested / "alerts.yml").read_text()
    (tested / "alerts.yml").write_text(text.replace("> 0.01", "> 0.02"))
    assert promtool("test", "rules", "alerts_test.yml", folder=tested).returncode == 1


def test_what_is_committed_is_what_is_rendered(tmp_path: Path, monkeypatch: Any) -> None:
    """And a rule changed by hand is found."""
    monkeypatch.setattr("sys.argv", ["alerts.py", "--check"])
    assert alerts.main() == 0
    for name in ("alerts.yml", "alerts.yml.j2"):
        (tmp_path / name).write_text((FOLDER / name).read_text())
    (tmp_path / "alerts.yml").write_text((FOLDER / "alerts.yml").read_text().replace("5m", "6m"))
    monkeypatch.setattr(alerts, "FOLDER", tmp_path)
    assert alerts.main() == 1


def test_lengths_of_time_are_parameters(tmp_path: Path) -> None:
    """With seconds instead of minutes, the rules are still valid, and no minute is left."""
    text = alerts.render("http://here", "http://there", shorter=60)
    (tmp_path / "alerts.yml").write_text(text)
    assert promtool("check", "rules", str(tmp_path / "alerts.yml")).returncode == 0
    assert not re.search(r"\d[mhd]\]|for: \d+[mhd]", text)


def test_every_alert_opens_a_runbook_that_names_it(client: FlaskClient) -> None:
    """And every alert that a runbook names is a rule."""
    documents = client.get("/handbook.json").get_json()
    documents = documents["documents"] if isinstance(documents, dict) else documents
    named = {d["slug"]: set(d["alerts"]) for d in documents if d["kind"] == "runbook"}
    opened: dict[str, set[str]] = {slug: set() for slug in named}
    for rule in rules():
        assert rule["alert"].startswith("ChurnApi")
        assert {"summary", "description", "runbook_url"} <= set(rule["annotations"])
        assert rule["annotations"]["dashboard_url"] == alerts.DASHBOARD
        page = rule["annotations"]["runbook_url"].removeprefix(alerts.BASE)
        path, _, heading = page.partition("#")
        if heading:
            assert f'id="{heading}"' in client.get(path).text
        slug = path.removeprefix("/runbooks/")
        mirrored = rule["annotations"]["runbook_mirror_url"]
        assert mirrored == f"{alerts.MIRROR}{path}.html{page.removeprefix(path)}"
        opened[slug].add(rule["alert"])
    assert opened == named
