"""The pages by which people sign in, and where they lead."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, build_opener

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from hypothesis import example, given
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page, expect

from app.access import key_file as key_files
from app.access.local_addresses import LONGEST, is_local
from app.access.sessions import COOKIE
from tests.access.browsers import OURS, PAGE, sign_in
from tests.apps import bearer, make_app
from tests.prediction_bodies import REQUIRED
from tests.problems import assert_problem
from tools.browser import watched
from tools.nginx import nginx_below
from tools.ports import free_port
from tools.servers import answers, fetch, gunicorn, program, running, wait_for


def test_a_browser_is_led_to_sign_in_and_back(keyed: Flask, keys: dict[str, str]) -> None:
    client = keyed.test_client()
    for path in ("/runbooks?a=b%20c&d", "/nothing-here", "/models", "/r%C3%A9sum%C3%A9%23x"):
        led = client.get(path, headers=PAGE)
        assert led.status_code == 303, path
        form = client.get(led.location, headers=PAGE).text
        found = re.search(r'name="next" value="([^"]*)"', form)
        assert found
        target = found[1].replace("&amp;", "&")
        assert target == path
        signed_in = client.post("/sign-in", data={"key": keys["handbook"], "next": target})
        assert signed_in.location == path
        client.delete_cookie("churn_session")


def test_a_program_gets_401(keyed: Flask) -> None:
    client = keyed.test_client()
    for headers in ({}, {"Accept": "*/*"}, {"Accept": "application/json"}):
        assert_problem(client.get("/runbooks", headers=headers), 401, "unauthorized")


def test_a_form_without_a_session_asks_to_sign_in(keyed: Flask) -> None:
    answer = keyed.test_client().post("/problems", headers=PAGE | OURS)
    assert answer.status_code == 401
    assert "You are not signed in any more" in answer.text
    assert "Basic" not in str(answer.headers.getlist("WWW-Authenticate")[1:])


@pytest.mark.parametrize(
    ("scopes", "path"),
    [
        (("handbook", "predict"), "/"),
        (("predict", "operate"), "/customers"),
        (("operate",), "/docs"),
    ],
)
def test_each_key_begins_at_a_page_that_it_opens(
    tmp_path: Path, scopes: tuple[str, ...], path: str
) -> None:
    key = key_files.add(tmp_path / "keys.yaml", "client", scopes)
    app = make_app(api_keys_file=tmp_path / "keys.yaml")
    answer = app.test_client().post("/sign-in", data={"key": f" {key}\n"})
    assert answer.location == path


def test_a_page_that_a_key_may_not_see_says_so(keyed: Flask, keys: dict[str, str]) -> None:
    client, _ = sign_in(keyed, keys["predict"])
    page = client.get("/runbooks?a=b", headers=PAGE)
    assert page.status_code == 403
    text = " ".join(re.sub("<[^>]*>", "", page.text).split())
    assert "This page needs a key with scope handbook. Yours, predict-client, has predict" in text
    assert 'href="/sign-in?next=/runbooks?a%3Db"' in page.text
    assert 'href="/customers"' in page.text


@pytest.mark.parametrize("key", ["", "x", "churn_" + "x" * 43, "é\udc80\x00", "x" * 100_000])
def test_a_wrong_key_is_refused_on_the_page(keyed: Flask, key: str) -> None:
    sent = {"key": key.encode("utf-8", "surrogateescape"), "next": "/runbooks"}
    answer = keyed.test_client().post("/sign-in", data=sent)
    assert answer.status_code == 422
    assert "This key is unknown here" in answer.text
    assert 'value="/runbooks"' in answer.text
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"


def test_wrong_keys_are_counted_and_right_ones_never_locked_out(
    key_file: Path, keys: dict[str, str]
) -> None:
    app = make_app(api_keys_file=key_file, rate_limit="2/hour")
    client = app.test_client()
    tries = [client.post("/sign-in", data={"key": "x"}).status_code for _ in range(3)]
    assert tries == [422, 422, 429]
    sign_in(app, keys["predict"])
    client.post("/sign-in", data={"key": keys["predict"]})
    assert client.post("/sign-in", data={"key": keys["predict"]}).status_code == 429
    assert client.get("/models").status_code == 429  # a session counts for its key


def test_a_page_names_its_own_reader_only(keyed: Flask, keys: dict[str, str]) -> None:
    """Lists are kept whole for all, and a browser's copy is asked for by tag."""
    one, _ = sign_in(keyed, keys["handbook"])
    two = keyed.test_client()
    for path in ("/runbooks", "/model-card", "/", "/guides/onboarding", "/problems"):
        mine = one.get(path)
        theirs = two.get(path, headers=bearer(keys["handbook"]) | PAGE)
        assert "Signed in as <b>handbook-client</b>" in mine.text, path
        assert "handbook-client" not in theirs.text, path
        assert 'href="/sign-in"' in theirs.text
        assert "Cookie" in mine.vary
        assert "Cookie" in theirs.vary
        if tag := mine.headers.get("ETag"):
            asked = {"If-None-Match": tag}
            assert one.get(path, headers=asked).status_code == 304
            assert two.get(path, headers=asked | bearer(keys["handbook"])).status_code == 200


@pytest.mark.parametrize(
    ("address", "prefix", "local"),
    [
        ("/", "", True),
        ("/customers?policy=a&page=2", "", True),
        ("/customers#x", "", True),
        ("/search?q=//evil.example", "", True),
        ("/churn", "/churn", True),
        ("/churn/customers", "/churn", True),
        ("/churn?x", "/churn", True),
        ("/customers", "/churn", False),
        ("/churnx", "/churn", False),
        ("/churn/../other", "/churn", False),
        ("/churn/%2E%2e/other", "/churn", False),
        ("/churn/./x", "/churn", False),
        ("//evil.example", "", False),
        ("/\\evil.example", "", False),
        ("/x\\evil.example", "", False),
        ("\\\\evil.example", "", False),
        ("/\t/evil.example", "", False),
        ("\t//evil.example", "", False),
        ("/\n/evil.example", "", False),
        ("/x\r\nSet-Cookie: a=b", "", False),
        ("/\x00", "", False),
        (" /x", "", False),
        ("/x y", "", False),
        ("/é", "", False),
        ("https://evil.example/", "", False),
        ("javascript:alert(1)", "", False),
        ("evil.example", "", False),
        ("?x", "", False),
        ("", "", False),
        ("/" + "x" * LONGEST, "", False),
    ],
)
def test_only_our_own_addresses_are_led_to(address: str, prefix: str, local: bool) -> None:
    assert is_local(address, prefix) is local


@pytest.mark.parametrize("prefix", ["", "/churn"])
def test_a_browser_never_leaves_us_by_what_counts_as_local(browser: Browser, prefix: str) -> None:
    """By its own reading of addresses, which is more generous than any standard library's."""
    found: list[str] = []
    parts = st.sampled_from([*"/\\.:@?#%;\t\n e", "//", "..", "%2e", "%2f", "%5c", "churn", "http"])
    addresses = st.lists(parts, max_size=8).map("".join)

    @given(st.one_of(addresses, addresses.map(lambda rest: f"{prefix}/{rest}"), st.text()))
    @example("/churn/%2e%2e/x")
    def collect(address: str) -> None:
        if is_local(address, prefix):
            found.append(address)

    collect()
    assert found
    with watched(browser) as seen:
        resolved = seen.page.evaluate(
            "all => all.map((one) => new URL(one, 'http://churn.example/sign-in').href)", found
        )
    base = f"http://churn.example{prefix}"
    outside = [url for url in resolved if not re.match(rf"{base}([/?#]|$)", url)]
    assert outside == []


@pytest.mark.parametrize(
    "target", ["//evil.example", "/\\evil.example", "https://evil.example", "/a\nb"]
)
def test_an_address_elsewhere_is_not_kept(keyed: Flask, keys: dict[str, str], target: str) -> None:
    client = keyed.test_client()
    assert "evil" not in client.get("/sign-in", query_string={"next": target}).text
    answer = client.post("/sign-in", data={"key": keys["handbook"], "next": target})
    assert answer.location == "/"


SEND = """([url, body]) => fetch(url, {
    method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify(body),
}).then((answer) => answer.status)"""


def accessible(page: Page, worker: str) -> None:
    """Axe finds nothing in either theme, and a phone shows everything."""
    if worker == "threads":
        return  # which answers the same
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert Axe().run(page).response["violations"] == []
    page.set_viewport_size({"width": 375, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") == 375


@pytest.mark.parametrize("worker", ["loop", "threads"])
def test_a_person_signs_in_and_out(
    browser: Browser, tmp_path: Path, key_file: Path, keys: dict[str, str], worker: str
) -> None:
    """Below a prefix, behind nginx, over two workers; a script of our page may predict."""
    name = "a-very-long-name-of-a-key-that-has-sixty-four-characters-in-all-"
    key = key_files.add(key_file, name, ("predict", "handbook"))
    environ = {"API_KEYS_FILE": str(key_file), "URL_PREFIX": "/churn", "TRUSTED_PROXIES": "1"}
    with (
        gunicorn(tmp_path, WORKER=worker, WEB_CONCURRENCY="2", **environ) as server,
        nginx_below(tmp_path, server.url, strips=False) as url,
        watched(browser) as seen,
    ):
        page = seen.page
        page.goto(f"{url}/runbooks")
        page.wait_for_url(f"{url}/sign-in?next=/churn/runbooks")
        expect(page.get_by_label("Key")).to_be_focused()
        accessible(page, worker)
        page.keyboard.type("wrong")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_have_text("This key is unknown here.")
        accessible(page, worker)
        page.get_by_label("Key").fill(key)
        page.keyboard.press("Enter")
        page.wait_for_url(f"{url}/runbooks")
        expect(page.get_by_role("heading", name="Runbooks", level=1)).to_be_visible()
        expect(page.locator("header")).to_contain_text(f"Signed in as {name}")
        page.goto(f"{url}/metrics")
        expect(page.get_by_role("heading", name="Another key is needed")).to_be_visible()
        accessible(page, worker)
        predict = f"{url}/predict"
        assert {page.evaluate(SEND, [predict, {"features": REQUIRED}]) for _ in range(9)} == {200}
        page.get_by_role("button", name="Sign out").click()
        page.wait_for_url(f"{url}/sign-in")
        assert page.evaluate(SEND, [predict, {}]) == 401
        said = [text for text in seen.console if not re.search(r"\b(401|403|422)\b", text)]
        assert said == []


def test_workers_share_the_secret_that_the_master_makes(
    tmp_path: Path, key_file: Path, keys: dict[str, str]
) -> None:
    """With plain gunicorn too; the next start makes another one."""
    port = free_port()
    url, environ = f"http://127.0.0.1:{port}", {"API_KEYS_FILE": str(key_file)}
    command = [program("gunicorn", str(Path(sys.executable).parent)), "-w", "3", "-b", url[7:]]
    _, other = sign_in(make_app(api_keys_file=key_file), keys["predict"])
    with running([*command, "wsgi:app"], tmp_path / "log", environ) as process:
        wait_for(process, tmp_path / "log", lambda: answers(f"{url}/health/live"), "it answers")
        form = urlencode({"key": keys["predict"]}).encode()
        opener = build_opener(NoRedirect())
        with pytest.raises(HTTPError) as led:
            opener.open(f"{url}/sign-in", form, timeout=120)
        cookie = led.value.headers["Set-Cookie"].partition(";")[0]
        led.value.close()
        # Each request is a connection of its own, so all workers take some.
        assert {fetch(f"{url}/models", Cookie=cookie)[0] for _ in range(30)} == {200}
        assert fetch(f"{url}/models", Cookie=f"{COOKIE}={other}")[0] == 401


class NoRedirect(HTTPRedirectHandler):
    """Shows a redirect instead of following it."""

    def redirect_request(self, *_: object) -> None:
        """Follow none."""
