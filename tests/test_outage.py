"""The handbook opens during an incident: no page waits for another system.

`make bench` prints how long the pages take meanwhile.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tools.ports import free_port
from tools.servers import Server, fetch, gunicorn
from tools.silent_server import Silent, environment, silent

PAGES = (
    *("/", "/runbooks", "/adrs", "/guides", "/model-card", "/experiments"),
    *("/problems", "/docs", "/redoc"),
    *("/search", "/search?q=latency", "/search.json?q=latency", "/handbook.json", "/openapi.json"),
    *("/metrics", "/health/live"),
)


@pytest.fixture(scope="module")
def away() -> Iterator[Silent]:
    with silent() as server:
        yield server


@pytest.fixture(scope="module")
def cut_off(tmp_path_factory: pytest.TempPathFactory, away: Silent) -> Iterator[Server]:
    """The service with database, cache and Prometheus silent."""
    folder = tmp_path_factory.mktemp("cut-off")
    with gunicorn(folder, **environment(away.address)) as server:
        yield server


def pages(server: Server) -> list[str]:
    """The fixed pages, every document's and every problem's."""
    documents = json.loads(fetch(f"{server.url}/handbook.json")[1])["documents"]
    with_problems = fetch(f"{server.url}/search.json?q=the")[1]
    found = {result["url"].partition("#")[0] for result in json.loads(with_problems)["results"]}
    return sorted({*PAGES, *(document["url"] for document in documents), *found})


def test_no_page_asks_a_system_that_may_be_away(cut_off: Server, away: Silent) -> None:
    """Each page opens without a connection to a part, so no outage can delay it.

    What watches the systems does so by itself, whether anybody reads a page or not. A knock counts
    as the page's where it comes with the page each of three times.
    """

    def knocks(path: str) -> int:
        away.calls()
        status, text = fetch(f"{cut_off.url}{path}")
        assert status == 200, path
        assert text
        return away.calls()

    for path in pages(cut_off):
        assert min(knocks(path) for _ in range(3)) == 0, path


def test_the_silent_server_is_noticed_where_it_is_needed(cut_off: Server, away: Silent) -> None:
    """The check itself works: a lookup does connect to the database, and is answered."""
    away.calls()
    status, _ = fetch(f"{cut_off.url}/customers/wa-0010/prediction")
    assert status == 503
    assert away.calls() > 0


def test_pages_open_where_nothing_listens(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("dead")
    with gunicorn(folder, **environment(f"127.0.0.1:{free_port()}")) as server:
        assert {path: fetch(f"{server.url}{path}")[0] for path in PAGES} == dict.fromkeys(
            PAGES, 200
        )


def test_pages_open_where_callers_are_limited(
    tmp_path_factory: pytest.TempPathFactory, away: Silent
) -> None:
    """With a limit of requests, too."""
    folder = tmp_path_factory.mktemp("limited")
    with gunicorn(folder, RATE_LIMIT="1000/second", **environment(away.address)) as server:
        assert {path: fetch(f"{server.url}{path}")[0] for path in PAGES} == dict.fromkeys(
            PAGES, 200
        )
