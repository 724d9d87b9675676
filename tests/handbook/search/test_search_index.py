"""Search finds the intended page for any text, and writes nothing live."""

from __future__ import annotations

import threading
from collections import Counter
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from app.handbook.documents.library import Library
from app.handbook.search.search_index import LIMIT, OF_A_PAGE, SearchIndex
from app.handbook.search.search_results import SearchEntry
from app.handbook.search.spelling import Vocabulary
from app.services import services_of
from tests.handbook.conftest import SAMPLE, make_app
from tests.handbook.corpus import PAYLOADS
from tests.handbook.live_markup import live

LATENCY = "/runbooks/high-api-latency"


@pytest.fixture(scope="module")
def index(book: Flask) -> SearchIndex:
    made: SearchIndex = services_of(book).search()
    return made


def urls(index: SearchIndex, query: str) -> list[str]:
    return [result.url for result in index.search(query).results]


@pytest.mark.parametrize(
    ("query", "url"),
    [
        pytest.param("ChurnApiLatencyHigh", LATENCY, id="alert"),
        pytest.param("churnapilat", LATENCY, id="beginning-of-an-alert"),
        pytest.param("latency burn", LATENCY, id="words-of-an-alert"),
        pytest.param("churn:latency", LATENCY, id="metric-of-an-alert"),
        pytest.param("high api lat", LATENCY, id="while-typing"),
        pytest.param("hihg api latency", LATENCY, id="swapped"),
        pytest.param("latencyy", LATENCY, id="one-more"),
        pytest.param("LATNCY", LATENCY, id="one-less"),
        pytest.param("cache is down", f"{LATENCY}#cause-1-the-cache-is-down", id="heading"),
        pytest.param("$REQUEST_ID", f"{LATENCY}#3-follow-the-requests", id="in-a-command"),
        pytest.param("scorecrad", "/adrs/002-scorecard", id="decision"),
        pytest.param("ADR-002", "/adrs/002-scorecard", id="number-of-a-decision"),
        pytest.param("first day", "/guides/onboarding", id="guide"),
        pytest.param("422", "/problems/invalid-input", id="status"),
        pytest.param("not-ready", "/problems/not-ready", id="problem-type"),
        pytest.param("out of scope customers", "/model-card", id="model-card"),
    ],
)
def test_the_best_result_is_the_one_meant(index: SearchIndex, query: str, url: str) -> None:
    assert urls(index, query)[0] == url


@pytest.mark.parametrize(
    ("query", "url"),
    [
        ("predictBatch", "/docs#/predictions/predictBatch"),
        ("/customers/at-risk", "/docs#/customers/listCustomersAtRisk"),
        ("health ready", "/docs#/health/ready"),
        ("ChurnApiHighErrorRate", "/runbooks/high-error-rate"),
        ("churn_model_releases_refused", "/runbooks/model-release-refused"),
        ("http_request_duration_seconds", "/runbooks/high-api-latency"),
        ("internal-error", "/problems/internal-error"),
    ],
)
def test_the_service_s_own_names_are_found(client: FlaskClient, query: str, url: str) -> None:
    """Operations, alerts, metrics and error codes, through the route."""
    found = client.get("/search.json", query_string={"q": query}).get_json()
    assert found["query"] == query
    assert url in [result["url"] for result in found["results"][:2]]


def test_every_result_leads_somewhere(client: FlaskClient) -> None:
    """The page answers, and has the heading."""
    for query in ("the", "release", "api", "503", "customer"):
        for result in client.get(f"/search.json?q={query}").get_json()["results"]:
            address, _, fragment = result["url"].partition("#")
            page = client.get(address)
            assert page.status_code == 200, result
            if fragment and address != "/docs":
                assert f'id="{fragment}"' in page.text, result


def test_hits_are_marked_in_what_is_otherwise_text(reader: FlaskClient) -> None:
    found = reader.get("/search.json?q=timeouts").get_json()["results"]
    assert found[0]["title"] == "High API latency"
    assert found[0]["heading"] == "Symptoms"
    assert "see <mark>timeouts</mark>" in found[0]["snippet"]
    assert set(found[0]) == {"kind", "title", "url", "heading", "snippet"}


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_found_or_typed_runs(tmp_path: Path, payload: str) -> None:
    """In a title, a heading, a text, and in the query."""
    (tmp_path / "guides").mkdir()
    text = f"# findme {payload}\n\nfindme {payload}\n\n## findme {payload}\n\nfindme {payload}\n"
    (tmp_path / "guides" / "a.md").write_text(text, "utf-8")
    reader = make_app(tmp_path, None).test_client()
    own = Counter(live(reader.get("/search?q=harmless").text))
    for query in ("findme", payload, f"findme {payload}"):
        page = reader.get("/search", query_string={"q": query})
        assert Counter(live(page.text)) == own, query
        for result in reader.get("/search.json", query_string={"q": query}).get_json()["results"]:
            assert live(result["snippet"]) == []


@pytest.mark.parametrize(
    "query",
    [
        '"',
        "*",
        "a*b",
        "AND",
        "OR OR",
        "NEAR(a b, 2)",
        "title:x",
        "-x",
        "^x",
        "(",
        "a AND (",
        "{a}: b",
    ],
)
def test_syntax_of_the_index_is_only_text(index: SearchIndex, query: str) -> None:
    index.search(query)


@given(st.text(max_size=300))
def test_any_text_may_be_asked_for(query: str) -> None:
    """Any text gives a list of limited length."""
    assert len(OPEN.search(query).results) <= LIMIT


OPEN = SearchIndex(
    [
        SearchEntry("guide", "A title", "/guides/a", body="some words of a text"),
        SearchEntry("guide", "A title", "/guides/a#b", "Une étude", body="\x02\x03\0<b>größe</b>"),
    ]
)


def test_letters_with_and_without_marks_are_alike() -> None:
    assert urls(OPEN, "etude") == ["/guides/a#b"]
    assert OPEN.search("größe").results[0].snippet == "&lt;b&gt;<mark>größe</mark>&lt;/b&gt;"


def test_one_page_does_not_fill_the_results() -> None:
    entries = [
        SearchEntry("guide", "T", f"/guides/a#{i}", f"word {i}", body="word") for i in range(9)
    ]
    entries.append(SearchEntry("guide", "T", "/guides/b", body=f"{'other ' * 50} word"))
    found = urls(SearchIndex(entries), "word")
    assert len(found) == OF_A_PAGE + 1
    assert "/guides/b" in found


def test_a_long_text_is_one_result_and_found_to_its_end() -> None:
    """However often it contains the word; FTS5 alone would take minutes for its snippet."""
    body = "word " * 200_000 + "theend"
    index = SearchIndex([SearchEntry("guide", "T", "/guides/a#b", "Heading", body=body)])
    assert urls(index, "word") == ["/guides/a#b"]
    assert "<mark>theend</mark>" in index.search("theend").results[0].snippet
    assert urls(index, "heading") == ["/guides/a#b"]


def test_a_runbook_comes_before_a_guide_that_fits_as_well() -> None:
    entries = [
        SearchEntry(kind, "The queue", f"/{kind}s/a", body="full") for kind in ("guide", "runbook")
    ]
    assert urls(SearchIndex(entries), "queue") == ["/runbooks/a", "/guides/a"]


def test_threads_search_at_once(index: SearchIndex) -> None:
    """Each gets what it would get alone."""
    queries = ["latency", "scorcard", "first day", "422", "cache"] * 8
    alone = {query: urls(index, query) for query in queries}
    wrong: list[str] = []

    def ask(query: str) -> None:
        if urls(index, query) != alone[query]:
            wrong.append(query)

    threads = [threading.Thread(target=ask, args=(query,)) for query in queries]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_the_index_is_made_once_by_whoever_asks_first(book: Flask) -> None:
    """The index is made again for another library, as after a changed document."""
    app = make_app(SAMPLE, None)
    made: list[SearchIndex] = []
    threads = [
        threading.Thread(target=lambda: made.append(services_of(app).search())) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(map(id, made))) == 1
    another = Library(SAMPLE)
    services_of(app).library = lambda: another
    assert services_of(app).search() is not made[0]
    assert services_of(app).search() is services_of(app).search()


def test_an_empty_query_and_an_empty_handbook_are_pages(tmp_path: Path) -> None:
    reader = make_app(tmp_path, None).test_client()
    for path in ("/search", "/search?q=", "/search?q=%20", "/search?q=x", "/search?q=%00%ff"):
        assert reader.get(path).status_code == 200
    assert reader.get("/search.json").get_json() == {"query": "", "corrected": "", "results": []}
    assert "No results for “latency”" in reader.get("/search?q=latency").text


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        pytest.param("cahe", "cache", id="one less"),
        pytest.param("cacche", "cache", id="one more"),
        pytest.param("cazhe", "cache", id="another"),
        pytest.param("cahce", "cache", id="swapped"),
        pytest.param("predicton", "predictions", id="the beginning of a longer word"),
        pytest.param("tion", "predictions", id="within a word"),
        pytest.param("perdicitons", "predictions", id="two slips in a long word"),
    ],
)
def test_a_slip_is_corrected(typed: str, word: str) -> None:
    assert Vocabulary({"cache": 3, "predictions": 2, "unlike": 9}).near(typed) == [word]


@pytest.mark.parametrize("typed", ["chaec", "perdicitosn"])
def test_more_slips_than_a_word_of_its_length_can_have_are_not(typed: str) -> None:
    assert Vocabulary({"cache": 3, "predictions": 2}).near(typed) == []


def test_words_that_exist_and_short_ones_are_not_corrected() -> None:
    words = Vocabulary({"cache": 3, "cached": 1, "crash": 2, "503": 9})
    assert words.near("cahe") == ["cache", "cached"]
    assert words.near("cach") == []
    assert words.near("cra") == []
    assert words.near("5030") == []
