"""What the drills proved is on the page of a cause, in the lists and in the index."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.handbook.conftest import make_app
from tests.handbook.drilled import CAUSES, RUNBOOK, drill, write_results

PAGE = "/runbooks/high-api-latency"
Change = Callable[[Path], None]


def reader(folder: Path) -> FlaskClient:
    return make_app(folder, None).test_client()


def edited(path: str, old: str, new: str) -> Change:
    """Change words of a file after the drill."""

    def change(folder: Path) -> None:
        text = (folder / path).read_text("utf-8")
        assert old in text
        (folder / path).write_text(text.replace(old, new), "utf-8")

    return change


def stamp(folder: Path) -> str:
    """The words below the first cause's heading, without markup."""
    page = reader(folder).get(PAGE).text
    return page.partition('<p class="proof">')[2].partition("</p>")[0]


def state(folder: Path) -> dict[str, Any]:
    """What the index has of the runbook's proof."""
    documents = reader(folder).get("/handbook.json").get_json()["documents"]
    found: dict[str, Any] = next(d["proof"] for d in documents if d["url"] == PAGE)
    return found


def test_a_proven_cause_says_when_and_how_fast(folder: Path) -> None:
    """The time to detect is scaled, and says so."""
    write_results(folder)
    words = stamp(folder)
    assert '<span class="chip reviewed">Proven</span>' in words
    assert '<time datetime="2026-11-21T13:05:12+00:00">21 Nov 2026</time>, commit ' in words
    assert "<code>1a2b3c4</code>, recovered in 14 s. " in words
    assert "Detected in 6.1 s, with 1 s for each minute in the rules. Diagnosed in 1.2 s." in words


def test_without_results_no_cause_is_proven(folder: Path) -> None:
    assert "Never proven by a drill" in stamp(folder)
    assert "0 of 2 causes proven" in reader(folder).get("/runbooks").text
    found = state(folder)
    assert (found["causes"], found["proven"], found["changed"], found["at"]) == (2, 0, 0, None)
    assert [cause["state"] for cause in found["by_cause"]] == ["never", "never"]


@pytest.mark.parametrize(
    ("change", "part"),
    [
        (edited(RUNBOOK, "restart it, then warm it", "warm it"), "its text"),
        (edited("deploy/prometheus/alerts.yml", "latency > 0.2\n", "latency > 0.3\n"), "its alert"),
        (edited("deploy/prometheus/alerts.yml", "ChurnApiLatencyHigh", "Other"), "its alert"),
        (edited("drills/results.json", "digest of cache", "old"), "its check"),
        (edited("drills/results.json", '"check": "cache"', '"check": "disk"'), "its check"),
    ],
)
def test_a_change_after_the_proof_is_told(folder: Path, change: Change, part: str) -> None:
    """Of the section, the alert and the check."""
    write_results(folder)
    change(folder)
    words = stamp(folder)
    assert "Changed since it was proven" in words
    assert words.endswith(f"</code>: {part}")
    found = state(folder)
    assert (found["proven"], found["changed"]) == (0, 1)


def test_a_change_elsewhere_changes_no_proof(folder: Path) -> None:
    write_results(folder)
    edited(RUNBOOK, "Too few workers", "Too few processes")(folder)
    assert ">Proven<" in stamp(folder)


def test_a_failed_drill_is_told(folder: Path) -> None:
    """Whatever changed since."""
    write_results(folder, drill(folder, CAUSES[0], passed=False, recover=None, detect=None))
    assert "Failed its last drill" in stamp(folder)
    assert "1 failed" in reader(folder).get("/runbooks").text


@pytest.mark.parametrize("path", ["/", "/runbooks", "/handbook"])
def test_lists_have_a_stamp_for_each_runbook(folder: Path, path: str) -> None:
    changed = drill(folder, CAUSES[1], at="2026-11-22T00:00:01Z", check="gone")
    if path == "/":  # which has the runbooks of critical alerts
        edited(RUNBOOK, "Severity: P2 (Warning)", "Severity: P1 (Critical)")(folder)
    write_results(folder, drill(folder, CAUSES[0]), changed)
    page = reader(folder).get(path).text
    assert "1 of 2 causes proven" in page
    assert "22 Nov 2026</time>, 1 changed since" in page


def test_the_index_has_each_cause(folder: Path) -> None:
    write_results(folder)
    assert state(folder)["by_cause"][0] == {
        "id": CAUSES[0],
        "name": "The cache is down",
        "state": "proven",
        "commit": "1a2b3c4",
        "at": "2026-11-21T13:05:12Z",
    }


def test_hostile_results_are_words(folder: Path) -> None:
    write_results(folder, drill(folder, CAUSES[0], commit="<script>alert(1)</script>"))
    assert "<script>alert(1)" not in reader(folder).get(PAGE).text
