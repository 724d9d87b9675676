"""`churn drill page` sends a real Alertmanager an alert that is a drill; the page says so."""

from __future__ import annotations

import datetime
import json
import threading
from collections.abc import Iterator
from typing import Any, NoReturn

import pytest
from playwright.sync_api import Browser, expect

from app.handbook import drill_alerts
from app.handbook.documents import alert_rule_files
from app.handbook.drill_alerts import Alertmanager
from app.resilience.circuit_breaker import FAILURE_THRESHOLD
from tests.apps import OWN, PATIENT, make_app
from tests.handbook.conftest import serve
from tools.alertmanager import alertmanager
from tools.browser import watched
from tools.servers import ROOT, churn, fetch

ALERT = "ChurnApiDatabaseDown"
PAGE = "/runbooks/database-slow-or-down"

RULES = {rule.name: rule for rule in alert_rule_files.read(ROOT)[0]}


@pytest.fixture(scope="module")
def paged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with alertmanager(tmp_path_factory.mktemp("alertmanager")) as url:
        yield url


def active(url: str) -> list[dict[str, Any]]:
    status, text = fetch(f"{url}/api/v2/alerts")
    assert status == 200
    found: list[dict[str, Any]] = json.loads(text)
    return found


def test_a_drill_from_its_start_to_its_end(paged: str, browser: Browser) -> None:
    """The pager's receiver has it, the runbook's page alone says so, `--end` ends both."""
    app = make_app(alertmanager_url=paged)
    with serve(app) as service, watched(browser) as seen:
        banner = seen.page.locator("[data-drill]")

        def opens(path: str) -> None:
            seen.page.goto(service + path, wait_until="networkidle")

        opens(PAGE)
        expect(banner).to_be_hidden()
        sent = churn("drill", "page", ALERT, "--minutes", "7", ALERTMANAGER_URL=f"{paged}/")
        assert (sent.returncode, sent.stderr) == (0, "")
        assert f"{ALERT} was sent as a drill" in sent.stdout

        (alert,) = active(paged)
        rule = RULES[ALERT]
        assert alert["labels"] == {"alertname": ALERT, "severity": "critical", "drill": "true"}
        assert [receiver["name"] for receiver in alert["receivers"]] == ["on-call"]
        assert alert["annotations"]["summary"] == f"DRILL: {rule.summary}"
        for name in ("runbook_url", "runbook_mirror_url", "dashboard_url"):
            assert alert["annotations"][name] == rule.annotations[name]
        start, end = (datetime.datetime.fromisoformat(alert[k]) for k in ("startsAt", "endsAt"))
        assert end - start == datetime.timedelta(minutes=7)

        opens(PAGE)
        at = start.astimezone(datetime.UTC).strftime("%H:%M")
        expect(banner).to_contain_text(f"This is a drill: {ALERT} was sent at {at} UTC")
        opens("/runbooks/service-down")
        expect(banner).to_be_hidden()

        for words in ("has ended", "no drill of ChurnApiDatabaseDown is active"):
            done = churn("drill", "page", ALERT, "--end", ALERTMANAGER_URL=paged)
            assert words in done.stdout + done.stderr
        assert active(paged) == []
        opens(PAGE)
        expect(banner).to_be_hidden()
        # 503: as many checks run as may, and the page asks again.
        assert [words for words in seen.console if "status of 503" not in words] == []


@pytest.mark.parametrize(
    ("name", "address", "words"),
    [
        ("ChurnApiDwon", "http://127.0.0.1:9", "nearest: ChurnApiDown"),
        (ALERT, "", "ALERTMANAGER_URL is not set"),
        (ALERT, "http://127.0.0.1:9", "no answer of Alertmanager"),
    ],
)
def test_what_cannot_be_sent_is_one_line(name: str, address: str, words: str) -> None:
    done = churn("drill", "page", name, ALERTMANAGER_URL=address)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert words in done.stderr


@pytest.mark.parametrize("body", [b"", b"<html>", b"\xff", b"{}", b"[1]", b'[{"labels": {}}]'])
def test_what_is_no_answer_of_alertmanager_is_no_drill(
    body: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drill_alerts, "read", lambda *_: body)
    assert Alertmanager("http://alertmanager:9093", PATIENT.alerts).drill([ALERT]) is None


def test_a_page_waits_no_longer_than_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """And a server that failed three times is not asked by each reader."""
    over, asked = threading.Event(), []

    def hang(url: str, *_: object) -> NoReturn:
        asked.append(url)
        over.wait()
        raise OSError

    monkeypatch.setattr(drill_alerts, "read", hang)
    drills = Alertmanager("http://alertmanager:9093", OWN.alerts)
    for _ in range(FAILURE_THRESHOLD + 2):
        assert drills.drill([ALERT]) is None
    assert len(asked) == FAILURE_THRESHOLD
    over.set()


def test_the_page_asks_only_where_there_is_an_alertmanager() -> None:
    without = make_app().test_client()
    assert "data-drill" not in without.get(PAGE).text
    assert without.get(f"{PAGE}/drill.json").get_json() == {"drill": None}
    assert without.get("/runbooks/nowhere/drill.json").status_code == 404
