from __future__ import annotations

import datetime
import hashlib
import os
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin

import pytest
from flask.testing import FlaskClient

from app.handbook.web import routes
from tests.handbook import made_up_release
from tests.handbook.conftest import PAGES, SAMPLE, make_app
from tests.handbook.live_markup import live

DIGEST = hashlib.sha256(b"{}").hexdigest()
"""Of the sample's scorecard."""

ELSEWHERE = {
    *("/docs", "/redoc", "/openapi.json", "/problems", "/health/ready"),
    *("/customers", "/predict", "/predict/answer", "/upload"),
}
"""Pages of the service that the handbook links to and does not serve itself."""


class Anchors(HTMLParser):
    """The links and ids of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            elif name in ("href", "src"):
                self.links.append(value or "")


@pytest.mark.parametrize("path", PAGES)
def test_pages_answer_and_their_links_resolve(reader: FlaskClient, path: str) -> None:
    """Every link leads to an address that answers, every fragment to an id that is rendered."""
    page = Anchors(reader.get(path).text)
    assert len(page.ids) == len(set(page.ids))
    for link in page.links:
        address, fragment = urldefrag(urljoin(path, link))
        if address in ELSEWHERE:
            continue
        answer = reader.get(address, buffered=True)
        assert answer.status_code == 200, link
        if fragment:
            assert unquote(fragment) in Anchors(answer.text).ids, link


@pytest.mark.parametrize("path", PAGES)
def test_pages_hold_nothing_inline(reader: FlaskClient, path: str) -> None:
    """No inline style or handler: the policy would block it."""
    found = set(live(reader.get(path).text))
    assert found <= {"script", "link", "meta", "body", "button", "details", "svg", "form", "select"}


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_light(reader: FlaskClient, path: str) -> None:
    """With its stylesheet, script and icon a page stays under 150 kB."""
    names = ("handbook.css", "handbook.js", "search.js", "icon.svg")
    parts = [path, *(f"/static/{name}" for name in names)]
    assert sum(len(reader.get(part, buffered=True).data) for part in parts) < 150_000


@pytest.mark.parametrize(
    "path",
    [
        "/runbooks/nowhere",
        "/adrs/high-api-latency",
        "/runbooks/high-api-latency.md.md",
        "/runbooks/..%2fadrs%2f001-pickle",
        "/guides/../model/features",
        "/guides/%2e%2e%2f%2e%2e%2fconftest",
        "/guides/..%5cadrs",
        "/guides/%00",
        "/handbook/static/../routes.py",
        "/handbook/static/..%2froutes.py",
    ],
)
def test_nothing_else_can_be_read(reader: FlaskClient, path: str) -> None:
    """Only documents of their own folder and static files have an address."""
    assert reader.get(path).status_code == 404


def test_a_link_out_of_the_folder_is_no_document(folder: Path) -> None:
    outside = folder.parent / "outside.md"
    outside.write_text("# Secret\n")
    (folder / "guides" / "inside.md").symlink_to(outside)
    (folder / "guides" / "other.md").symlink_to(folder / "guides" / "onboarding.md")
    reader = make_app(folder, None).test_client()
    assert reader.get("/guides/inside").status_code == 404
    assert reader.get("/guides/other").status_code == 200


def test_a_reader_who_has_the_page_is_told_so(reader: FlaskClient) -> None:
    first = reader.get("/runbooks/high-api-latency")
    again = reader.get(
        "/runbooks/high-api-latency", headers={"If-None-Match": first.headers["ETag"]}
    )
    assert (again.status_code, again.data) == (304, b"")


def test_lists_show_state_severity_owner_and_date(reader: FlaskClient) -> None:
    runbooks = reader.get("/runbooks").text
    assert runbooks.index("P1 Critical") < runbooks.index("P2 Warning")
    assert "Machine learning team" in runbooks
    assert '<time datetime="2026-10-20">20 Oct 2026</time>' in runbooks
    decisions = reader.get("/adrs").text
    assert decisions.index("Accepted") < decisions.index("Superseded")


def test_the_age_of_a_review_is_judged_today(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = make_app(SAMPLE, None).test_client()
    for day, words in ((datetime.date(2027, 1, 18), 0), (datetime.date(2027, 1, 19), 1)):
        monkeypatch.setattr(routes, "_today", lambda day=day: day)
        assert reader.get("/runbooks/high-api-latency").text.count("Review overdue") == words


def test_a_superseded_decision_names_its_successor(reader: FlaskClient) -> None:
    assert "This decision is superseded" in reader.get("/adrs/001-pickle").text
    assert "This decision is superseded" not in reader.get("/adrs/002-scorecard").text


def test_the_card_shows_every_part_and_every_term(reader: FlaskClient) -> None:
    page = reader.get("/model-card").text
    for words in ("Intended use", "0.400 to 0.600", "high precision", DIGEST, "by group"):
        assert words.lower() in page.lower()
    of_test = ("thresholds", "profit", "ROC", "precision and recall", "calibration")
    of_folds = ("calibration out of fold", "repeated cross-validation")
    groups = made_up_release.EVALUATION["distributions"]
    drawn = len(made_up_release.TERMS) + len(of_test + of_folds) + len(groups)
    assert page.count("<figure class=") == drawn
    assert page.count("Numbers as a table") == drawn


def test_a_digest_that_differs_is_shown(tmp_path: Path) -> None:
    """A digest in the card that differs from the bytes in memory is shown prominently."""
    changed = made_up_release.make(tmp_path)
    changed.digests = changed.digests | {"scorecard.json": "c" * 64}
    page = make_app(SAMPLE, changed).test_client().get("/model-card").text
    assert "Files of this release differ from its card" in page
    same = make_app(SAMPLE, made_up_release.make(tmp_path)).test_client().get("/model-card").text
    assert "Files of this release differ from its card" not in same


def test_pages_open_without_a_model_and_without_documents(tmp_path: Path) -> None:
    """An empty handbook says what to do next."""
    reader = make_app(tmp_path, None).test_client()
    for path in ("/", "/runbooks", "/adrs", "/guides", "/model-card", "/handbook.json"):
        assert reader.get(path).status_code == 200
    assert "There are no runbooks yet" in reader.get("/runbooks").text
    assert "No model is in service" in reader.get("/model-card").text


def test_the_index_lists_every_document(reader: FlaskClient) -> None:
    documents = reader.get("/handbook.json").get_json()["documents"]
    own = [d for d in documents if d["kind"] != "model card"]
    assert {d["url"] for d in own} == {p for p in PAGES if p.count("/") > 1}
    by_url = {d["url"]: d for d in documents}
    assert by_url["/adrs/001-pickle"]["status"] == "superseded"
    assert by_url["/runbooks/high-api-latency"]["alerts"][0] == "ChurnApiLatencyHigh"
    assert by_url["/runbooks/model-release-refused"]["findings"][0]["rule"] == "overdue"


def test_any_file_name_is_an_address(folder: Path) -> None:
    """A name that looks like markup or a query is quoted in links and shown as words."""
    name = '"><img src=x onerror=alert(1)>?a=b#c&d%41 é.md'.replace("/", "")
    (folder / "guides" / name).write_text("Text.\n")
    (folder / "guides" / os.fsdecode(b"\xff.md")).write_text("Text.\n")
    reader = make_app(folder, None).test_client()
    page = Anchors(reader.get("/guides").text)
    links = [link for link in page.links if link.startswith("/guides/")]
    assert len(links) == 2
    assert all(reader.get(link).status_code == 200 for link in links)
    assert "img" not in live(reader.get("/guides").text)


def test_two_applications_in_one_process_are_apart(folder: Path) -> None:
    (folder / "guides" / "onboarding.md").write_text("# Another first day\n")
    one, other = make_app(SAMPLE, None).test_client(), make_app(folder, None).test_client()
    assert "Your first day" in one.get("/guides").text
    assert "Another first day" in other.get("/guides").text
    assert "Your first day" in one.get("/guides/onboarding").text
