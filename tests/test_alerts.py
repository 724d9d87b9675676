"""The alert rules: sound, tested, and each with a runbook whose alerts name it."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import yaml
from flask.testing import FlaskClient

from scripts import alerts
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
    done = promtool("test", "rules", "alerts_test.yml", "alerts_slow_test.yml")
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
    """With seconds for minutes the rules are still sound, and no minute is left."""
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
        assert rule["annotations"]["dashboard_url"].endswith("/d/api-overview")
        page = rule["annotations"]["runbook_url"].partition(".svc:8000")[2]
        path, _, heading = page.partition("#")
        if heading:
            assert f'id="{heading}"' in client.get(path).text
        slug = path.removeprefix("/runbooks/")
        opened[slug].add(rule["alert"])
    assert opened == named
