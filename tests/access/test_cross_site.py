"""Forms and files of other sites' pages are refused, with keys and without."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect

from tests.apps import make_app
from tests.prediction_bodies import REQUIRED
from tests.problems import assert_problem
from tools.browser import watched
from tools.servers import gunicorn, wait_until

FORMS = [
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "text/plain",
    "TEXT/PLAIN; charset=utf-8",
    "text/csv",
    "",
    "application/jsonp",
    "text/plain; application/json",
]
"""Media types that a page may send without asking, and others than JSON."""


@pytest.mark.parametrize("kind", FORMS)
@pytest.mark.parametrize("path", ["/predict", "/predict/batch", "/runbooks", "/health/live"])
def test_a_form_of_another_site_is_refused(app: Flask, kind: str, path: str) -> None:
    """Whatever it is sent to, even under the loopback rule."""
    for said in (
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": ""},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
        {"Origin": "http://elsewhere.example"},
        {"Origin": "null"},
    ):
        answer = app.test_client().post(path, data="{}", content_type=kind, headers=said)
        assert_problem(answer, 403, "cross-site")


@pytest.mark.parametrize("kind", FORMS)
@pytest.mark.parametrize(
    "said",
    [
        {},
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "http://localhost"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "https://behind-a-proxy.example"},
    ],
    ids=str,
)
def test_a_form_of_ours_and_a_program_are_not(app: Flask, kind: str, said: dict[str, str]) -> None:
    answer = app.test_client().post("/predict", data="{}", content_type=kind, headers=said)
    assert answer.status_code != 403


@pytest.mark.parametrize(
    ("origin", "host", "ours"),
    [
        ("http://localhost:8000", "localhost:8000", True),
        ("http://LOCALHOST:8000", "localhost:8000", True),
        ("http://localhost", "localhost:80", True),
        ("https://localhost", "localhost:443", True),
        ("https://localhost", "localhost", True),
        ("http://[::1]:8000", "[::1]:8000", True),
        ("http://localhost:8001", "localhost:8000", False),
        ("http://127.0.0.1:8000", "localhost:8000", False),
        ("http://localhost:8000", "localhost", False),
        ("http://localhost.evil.example", "localhost", False),
        ("http://evil.example", "localhost", False),
        ("ftp://localhost", "localhost", False),
        ("localhost", "localhost", False),
        ("http://[::1", "localhost", False),
        ("http://localhost:many", "localhost", False),
        ("http://localhost, http://evil.example", "localhost", False),
        ("null", "localhost", False),
        ("", "localhost", False),
    ],
)
def test_a_browser_without_sec_fetch_site_is_known_by_its_origin(
    app: Flask, origin: str, host: str, ours: bool
) -> None:
    headers = {"Origin": origin, "Host": host, "Content-Type": "text/plain"}
    status = app.test_client().post("/predict", data="{}", headers=headers).status_code
    assert status == (415 if ours else 403)


@pytest.mark.parametrize(("proxies", "status"), [(0, 403), (1, 415)])
def test_behind_a_proxy_the_name_that_it_tells_counts(proxies: int, status: int) -> None:
    """The page that sends a form can't set X-Forwarded-Host, but a client without proxies may."""
    headers = {
        "Origin": "http://churn.localhost:8080",
        "X-Forwarded-Host": "churn.localhost:8080",
        "X-Forwarded-For": "127.0.0.1",
        "Content-Type": "text/plain",
    }
    answer = make_app(trusted_proxies=proxies).test_client().post("/predict", headers=headers)
    assert answer.status_code == status


def test_json_needs_leave_that_nobody_gets(app: Flask) -> None:
    """Another site's browser asks before it sends JSON, and no answer grants it."""
    client = app.test_client()
    asked = {
        "Origin": "http://elsewhere.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
    }
    for path in ("/predict", "/predict/batch", "/", "/nothing", "/health/live"):
        headers = client.options(path, headers=asked).headers
        assert [name for name, _ in headers if name.lower().startswith("access-control")] == []
    sent = client.post("/predict", json={"features": REQUIRED}, headers={"Origin": "null"})
    assert sent.status_code == 200
    assert "Access-Control-Allow-Origin" not in sent.headers


PAGE = """<!doctype html><title>Elsewhere</title>
<form method="post" enctype="text/plain" action="{service}/predict">
<input name='{{"features":{{}},"x' value='":1}}'></form>"""

SEND = """([url, kind]) => fetch(url, {
    method: "POST",
    mode: kind === "application/json" ? "cors" : "no-cors",
    body: new Blob(["{}"], {type: kind}),
}).then((answer) => answer.status, () => "refused")"""


@contextmanager
def page_elsewhere(service: str) -> Iterator[int]:
    """A page with a form for the service, on this machine too; its port."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(PAGE.format(service=service).encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize("worker", ["loop", "threads"])
def test_a_real_browser_brings_nothing_of_another_page(
    browser: Browser, tmp_path: Path, worker: str
) -> None:
    """Neither forms nor scripts, from another site or from the same one at another port."""
    with (
        gunicorn(tmp_path, WORKER=worker, WEB_CONCURRENCY="1") as service,
        page_elsewhere(service.url) as port,
        watched(browser) as seen,
    ):
        page, url = seen.page, f"{service.url}/predict"
        for host in ("127.0.0.1", "localhost"):
            page.goto(f"http://{host}:{port}/")
            for kind in ("text/plain", ""):
                assert page.evaluate(SEND, [url, kind]) == 0  # an answer that it can't read
            assert page.evaluate(SEND, [url, "application/json"]) == "refused"
            with page.expect_navigation() as sent:
                page.evaluate("document.forms[0].submit()")
            assert sent.value.status == 403
            expect(page.locator("body")).to_contain_text("A page of another site sent this")
        page.goto(f"{service.url}/problems")
        assert page.evaluate(SEND, [url, "text/plain"]) == 415
        assert page.evaluate(SEND, [url, "application/json"]) == 422
        wait_until(lambda: len(posted(service.log)) == 8, "the log has all that came")
        assert posted(service.log) == [403] * 6 + [415, 422]


def posted(log: Path) -> list[int]:
    """The statuses of what was posted."""
    lines = [line for line in log.read_text().splitlines() if '"POST"' in line]
    return [json.loads(line)["status"] for line in lines]
