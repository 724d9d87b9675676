"""The whole service below a path: behind a real proxy, in a real browser."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import example, given
from hypothesis import strategies as st
from playwright.sync_api import Browser, expect

from app.config import SettingError
from tests.apps import make_app
from tests.prediction_bodies import REQUIRED
from tests.site_crawl import crawl
from tools.browser import watched
from tools.nginx import nginx_below
from tools.servers import ROOT, Server, fetch, gunicorn

PREFIX = "/churn"
STARTS = (
    "/",
    "/sign-in",
    "/predict?example=1",
    "/customers",
    "/upload",
    "/redoc",
    "/openapi.json",
    "/search?q=latency",
    "/search.json?q=latency",
)


@dataclass
class Proxied:
    """A server with a prefix, and where the proxy in front serves it."""

    server: Server
    url: str


@pytest.fixture(scope="module", params=[False, True], ids=["keeps", "strips"])
def proxied(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Proxied]:
    """Behind an nginx that keeps the prefix in the path, and one that takes it off."""
    folder = tmp_path_factory.mktemp("proxied")
    with (
        gunicorn(folder, URL_PREFIX=PREFIX, TRUSTED_PROXIES="1") as server,
        nginx_below(folder, server.url, strips=request.param) as url,
    ):
        yield Proxied(server, url)


@pytest.fixture(scope="module")
def prefixed() -> FlaskClient:
    return make_app(url_prefix=PREFIX).test_client()


def test_every_address_stays_below_the_prefix(proxied: Proxied, server: Server) -> None:
    """A crawl finds the same addresses as without a prefix, and each is answered."""
    found = crawl(proxied.url, *STARTS)
    assert found.outside == set()
    assert {path: status for path, status in found.statuses.items() if status != 200} == {}
    assert found.statuses == crawl(server.url, *STARTS).statuses


def test_the_crawl_finds_addresses_outside(server: Server, tmp_path: Path) -> None:
    """The proxy alone is not enough: without the setting, links leave the prefix."""
    with nginx_below(tmp_path, server.url, strips=True) as url:
        found = crawl(url, "/", "/search.json?q=latency", "/openapi.json")
    for page, address in [
        ("/", "/runbooks"),  # a link
        ("/", "/search"),  # the action of a form
        ("/search.json?q=latency", "/runbooks/high-api-latency"),
        ("/openapi.json", "/"),
    ]:
        assert (page, address) in found.outside
    assert any(address.startswith("/static/handbook.css?v=") for _, address in found.outside)


def test_problems_lead_to_their_pages(proxied: Proxied) -> None:
    invalid = {"features": {"tenure": "12"}}
    for status, text in (
        fetch(f"{proxied.url}/nothing"),
        fetch(f"{proxied.url}/predict", invalid),
        fetch(f"{proxied.url}/customers/nobody/prediction"),
    ):
        assert status in (404, 422)
        kind = json.loads(text)["type"]
        assert kind.startswith(f"{PREFIX}/problems/")
        found, page = fetch(proxied.url.removesuffix(PREFIX) + kind)
        assert found == 200
        assert f'<code>"type": "{kind}"</code>' in page


def test_the_document_names_the_prefix(proxied: Proxied) -> None:
    _, text = fetch(f"{proxied.url}/openapi.json")
    document = json.loads(text)
    assert document["servers"] == [{"url": PREFIX}]
    assert not re.findall(r'"/problems|"/runbooks', text)
    schema = document["components"]["schemas"]["HandbookDocument"]["properties"]["url"]
    assert schema["examples"] == [f"{PREFIX}/runbooks/high-api-latency"]


def test_log_and_metrics_have_the_path_without_it(proxied: Proxied) -> None:
    for path in ("/predict", "/predict?reasons=1"):
        assert fetch(proxied.url + path, {"features": REQUIRED})[0] == 200
    assert fetch(f"{proxied.server.url}/health/live")[0] == 200  # as a probe asks
    paths = set(re.findall(r'"path": ?"([^"]*)"', proxied.server.log.read_text()))
    assert {"/predict", "/health/live"} <= paths
    assert not {path for path in paths if path.startswith(PREFIX)}
    _, metrics = fetch(f"{proxied.url}/metrics")
    routes = set(re.findall(r'route="([^"]*)"', metrics))
    assert "/predict" in routes
    assert not {route for route in routes if route.startswith(PREFIX)}


def test_a_browser_walks_it(proxied: Proxied, browser: Browser) -> None:
    """No request fails or leaves the prefix, and no script complains."""
    refused: list[str] = []
    with watched(browser) as seen:
        page = seen.page
        page.on("response", lambda r: refused.append(r.url) if r.status >= 400 else None)
        # What the page itself calls off, such as a search that the next letter overtakes, is fine.
        page.on(
            "requestfailed",
            lambda r: None if r.failure == "net::ERR_ABORTED" else refused.append(r.url),
        )

        page.goto(f"{proxied.url}/", wait_until="networkidle")
        origin = page.evaluate("location.origin")
        expect(page.locator('.value[data-name="API"]').first).to_have_text(origin + PREFIX)
        page.keyboard.press("/")
        page.keyboard.type("ChurnApiHighLatency")
        expect(page.get_by_role("option").first).to_contain_text("High API latency")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        page.wait_for_url(f"{proxied.url}/runbooks/high-api-latency*")
        expect(page.locator(".verdict .chip").first).not_to_have_text("Not run")
        page.wait_for_load_state("networkidle")

        page.locator("header input[name=q]").fill("database")
        page.locator("header input[name=q]").press("Enter")
        page.wait_for_url(f"{proxied.url}/search?q=database")
        expect(page.get_by_role("status")).to_contain_text("results")

        page.get_by_role("link", name="Model", exact=True).click()
        page.wait_for_url(f"{proxied.url}/model-card")
        expect(page.locator("[data-file]").first).to_have_text("The same on disk")

        page.get_by_role("link", name="API", exact=True).click()
        page.wait_for_url(f"{proxied.url}/docs")
        page.locator("#operations-predictions-predict").click()
        page.get_by_role("button", name="Execute").click()
        answer = page.locator(".live-responses-table")
        expect(answer.locator(".response-col_status").last).to_contain_text("200")
        expect(answer).to_contain_text("churn_probability")
        assert f"{proxied.url}/predict?reasons=5" in seen.requests

        page.goto(f"{proxied.url}/redoc")
        page.get_by_role("link", name="post /predict").first.click()
        expect(page.get_by_role("heading", name="Score one customer").first).to_be_visible()
        page.wait_for_load_state("networkidle")
        assert seen.console == []
        assert refused == []
        own = (f"{proxied.url}/", "data:", "blob:")
        assert [url for url in seen.requests if not url.startswith(own)] == []


def outcome(client: FlaskClient, path: str) -> tuple[int, str]:
    """The status, and where a redirect leads."""
    answer = client.open(environ_overrides={"PATH_INFO": path})
    return answer.status_code, answer.headers.get("Location", "")


@given(
    st.one_of(
        st.sampled_from(["/", "/runbooks", "/docs", "/health/live", "/predict", "/models"]),
        st.text("/abchnru.%", max_size=12)
        .map(lambda text: f"/{text}")
        .filter(lambda path: not f"{path}/".startswith(f"{PREFIX}/")),
    )
)
@example("/models//1.0.0")  # which is redirected
def test_a_path_with_the_prefix_is_the_one_without(
    prefixed: FlaskClient, app: Flask, path: str
) -> None:
    status, location = outcome(app.test_client(), path)
    expected = status, location and PREFIX + location
    assert outcome(prefixed, PREFIX + path) == expected
    assert outcome(prefixed, path) == expected


@pytest.mark.parametrize(
    ("path", "status"),
    [("/churn", 200), ("/churnrunbooks", 404), ("/churn/churn/runbooks", 404)],
)
def test_the_prefix_is_taken_off_once_and_whole(
    prefixed: FlaskClient, path: str, status: int
) -> None:
    assert outcome(prefixed, path) == (status, "")


def test_a_prefix_that_was_taken_off_before_is_not_taken_off_again(prefixed: FlaskClient) -> None:
    environ = {"SCRIPT_NAME": PREFIX, "PATH_INFO": f"{PREFIX}/runbooks"}
    assert prefixed.open(environ_overrides=environ).status_code == 404


@pytest.mark.parametrize("prefix", ["/docs", "/health", "/static/churn", "/runbooks/churn"])
def test_a_prefix_that_could_be_a_page_is_refused(prefix: str) -> None:
    with pytest.raises(SettingError, match=r"^URL_PREFIX"):
        make_app(url_prefix=prefix)


BY_HAND = {
    "html": re.compile(
        r"""\s[\w-]+=(["'])/(?!/)"""  # an attribute that begins with /
        r"""|="\{\{(?![^}]*\|address)(?:[^}]*\.url\b| *\(?["']/)"""
    ),
    "js": re.compile(r"""["'`]/[A-Za-z]"""),
    "css": re.compile(r"""url\(["']?/"""),
}
"""An address without the prefix, by the kind of file; `|address`, `url_for` and `prefix` add it."""


def written_by_hand(name: str, text: str) -> list[str]:
    pattern = BY_HAND[name.rpartition(".")[2]]
    return [line for line in text.splitlines() if pattern.search(line)]


def test_no_address_is_written_by_hand() -> None:
    """In no template, script or style sheet."""
    files = [path for kind in BY_HAND for path in sorted((ROOT / "app").rglob(f"*.{kind}"))]
    assert {path.suffix for path in files} == {".html", ".js", ".css"}
    found = {path.name: written_by_hand(path.name, path.read_text("utf-8")) for path in files}
    assert {name: lines for name, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("a.html", '<a href="/runbooks">'),
        ("a.html", '<p data-state="/model-card/state.json">'),
        ("a.html", '<a href="{{ document.url }}">'),
        ("a.html", """<a href="{{ '/' }}">"""),
        ("a.js", "await fetch(`/search.json?q=${words}`)"),
        ("a.js", 'import { init } from "/docs/assets/redoc.js";'),
        ("a.css", "background: url(/static/icon.svg);"),
    ],
)
def test_an_address_written_by_hand_is_found(name: str, line: str) -> None:
    assert written_by_hand(name, line) == [line]
