"""The front page: what happens now, the ways in, and a first prediction."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, expect

from app.handbook.web.alert_states import AlertState
from app.resilience.unavailable import DependencyUnavailable
from app.services import services_of
from tests.handbook import made_up_release
from tests.handbook.conftest import SAMPLE, make_app, serve
from tools.browser import watched


@dataclass
class Happening:
    """A front page, and what its service finds."""

    app: Flask
    url: str
    firing: tuple[str, ...] = ()

    def states(self, names: Any) -> dict[str, AlertState]:
        """Stand in for Prometheus."""
        return {name: AlertState("firing" if name in self.firing else "inactive") for name in names}


@pytest.fixture
def happening(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Happening]:
    release = made_up_release.make(tmp_path_factory.mktemp("release"))
    app = make_app(SAMPLE, release, prometheus_url="http://127.0.0.1:9")
    with serve(app) as url:
        made = Happening(app, url)
        services_of(app).alerts.states = made.states  # type: ignore[method-assign]
        yield made


def fail(*_: object) -> NoReturn:
    raise DependencyUnavailable("database: down")


def test_what_happens_now(reader: FlaskClient) -> None:
    """The default policy's threshold counts; without Prometheus nobody knows of alerts."""
    answer = reader.get("/state.json")
    assert answer.headers["Cache-Control"] == "no-store"
    found = answer.get_json()
    assert found.pop("as_of").endswith("Z")
    at_risk = {"customers": 1212, "stored": 7043, "as_of": "2026-11-29T06:30:00Z"}
    assert found == {"ready": True, "alerts": None, "at_risk": at_risk}


@pytest.mark.parametrize("find", [fail, lambda _: None], ids=["down", "not scored"])
def test_a_part_that_is_not_known_is_null(happening: Happening, find: Any) -> None:
    services_of(happening.app).customers.store.distribution = find  # type: ignore[method-assign]
    found = happening.app.test_client().get("/state.json").get_json()
    assert (found["ready"], found["alerts"], found["at_risk"]) == (True, [], None)


def test_the_service_itself_knows_its_state(client: FlaskClient) -> None:
    found = client.get("/state.json").get_json()
    assert found["ready"]
    assert 0 < found["at_risk"]["customers"] < found["at_risk"]["stored"]


def test_the_strip_follows_what_happens_and_moves_nothing(
    browser: Browser, happening: Happening
) -> None:
    """It asks again every half minute; what it doesn't know it says."""
    with watched(browser, base_url=happening.url, viewport={"width": 1280, "height": 900}) as seen:
        page, strip = seen.page, seen.page.get_by_role("region", name="State at a glance")
        page.clock.install()
        with page.expect_response("**/state.json"):
            page.goto("/", wait_until="commit")
            page.wait_for_selector("#page\\.ways")
            before = page.locator("#page\\.ways").bounding_box()
        expect(strip).to_contain_text("Ready")
        expect(strip).to_contain_text("None firing")
        expect(strip).to_contain_text("1,212of 7,043, as of 29 Nov 2026")
        happening.firing = ("ChurnApiLatencyHigh", "ChurnApiLatencyBurn")
        services_of(happening.app).customers.store.distribution = fail  # type: ignore[method-assign]
        page.clock.fast_forward(31_000)
        expect(strip).to_contain_text("2 firingChurnApiLatencyHigh, 1 more")
        expect(strip).to_contain_text("Customers at riskNot available")
        assert page.locator("#page\\.ways").bounding_box() == before
        assert strip.get_by_role("link", name="ChurnApiLatencyHigh").get_attribute("href") == (
            "/runbooks/high-api-latency"
        )
        assert seen.console == []


def test_without_scripts_the_strip_says_where_to_look(reader: FlaskClient) -> None:
    page = reader.get("/").text
    for name, href in (("ready", "/health/ready"), ("at_risk", "/customers")):
        assert f'data-part="{name}" href="{href}"' in page


def test_the_ways_in_begin_with_what_the_reader_needs(client: FlaskClient) -> None:
    page = client.get("/").text
    titles = re.findall(r"<h3><a [^>]*>([^<]+)", page)
    assert titles[:3] == ["Which customers to call", "An alert fired", "It is your first day"]
    known = client.get("/handbook.json").get_json()["documents"]
    critical = [d["url"] for d in known if d["severity"] == "P1" and d["kind"] == "runbook"]
    assert len(critical) > 1
    assert [url for url in critical if f'href="{url}"' not in page] == []
    assert re.findall(r'href="(/guides/[^"]+)', page)[0] == "/guides/onboarding"


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_a_newcomers_first_prediction(app: Flask, browser: Browser, scripts: bool) -> None:
    """From the front page to a score with its reasons, without curl."""
    with serve(app) as url, watched(browser, base_url=url, java_script_enabled=scripts) as seen:
        page = seen.page
        page.goto("/")
        page.get_by_role("textbox", name="Tenure").fill("3")
        page.get_by_role("button", name="Score this customer").click()
        expect(page.get_by_text("Likely to leave").first).to_be_visible()
        expect(page.get_by_role("textbox", name="Tenure")).to_have_value("3")
        assert seen.console == []
