"""The documents' log searches find the lines that the service wrote."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from app.observability import request_log
from tests.apps import make_app
from tools.servers import ROOT

_READER = re.compile(
    r"^\s*(?:kubectl logs|kubectl -n \S+ logs|journalctl|docker(?: compose)? logs)\b"
)
_SEARCHES = re.compile(r"\b(?:grep|jq|awk|sed)\b")


def searches() -> Iterator[tuple[str, str]]:
    """Each log search in the documents: its place, and the commands after the pipe."""
    for path in sorted(
        [ROOT / "README.md", *ROOT.glob("runbooks/*.md"), *ROOT.glob("guides/*.md")]
    ):
        text = re.sub(r"\\\n\s*", "", path.read_text("utf-8"))
        for number, line in enumerate(line for line in text.splitlines() if _READER.match(line)):
            reader, _, search = line.partition("|")
            if _SEARCHES.search(search):
                yield f"{path.stem}-{number}-{reader.split()[0]}", search


SEARCHES = list(searches())


@pytest.fixture(scope="module")
def failing() -> Flask:
    """The service with a view that fails."""
    app = make_app()
    view = "health.live"
    assert view in app.view_functions

    def fail() -> None:
        raise RuntimeError("the planted fault")

    app.view_functions[view] = fail
    app.testing = False
    app.config["PROPAGATE_EXCEPTIONS"] = False
    return app


@pytest.fixture
def lines(
    failing: Flask, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., str]:
    """Log requests that took the given milliseconds by a patched clock."""

    def write(*requests: tuple[str, float]) -> str:
        client = failing.test_client()
        capfd.readouterr()
        for path, milliseconds in requests:
            ticks = iter((0.0, milliseconds / 1000))
            monkeypatch.setattr(request_log, "perf_counter", lambda ticks=ticks: next(ticks))
            client.get(path)
        return capfd.readouterr().err

    return write


def found(search: str, log: str) -> list[dict[str, Any]]:
    done = subprocess.run(
        ["sh", "-c", search], input=log, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stderr == ""
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_the_documents_have_searches() -> None:
    """Each search is covered by this file."""
    assert len(SEARCHES) >= 3
    assert all(("process_time_ms" in search) != ("status" in search) for _, search in SEARCHES)


SLOW = [(name, search) for name, search in SEARCHES if "process_time_ms" in search]
FAILED = [(name, search) for name, search in SEARCHES if "status" in search]


@pytest.mark.parametrize("search", [s for _, s in SLOW], ids=[n for n, _ in SLOW])
def test_a_search_for_slow_requests_finds_them_and_no_other(
    lines: Callable[..., str], search: str
) -> None:
    log = lines(("/models", 3.2), ("/models", 123.0), ("/models", 99.999), ("/models", 4321.5))
    assert [line["process_time_ms"] for line in found(search, log)] == [123.0, 4321.5]


@pytest.mark.parametrize("search", [s for _, s in FAILED], ids=[n for n, _ in FAILED])
def test_a_search_for_failed_requests_finds_them_with_their_reason(
    lines: Callable[..., str], search: str
) -> None:
    log = lines(("/models", 1.0), ("/nowhere", 1.0), ("/health/live", 1.0), ("/models", 500.0))
    reason, failed = found(search, log)
    assert "the planted fault" in reason["traceback"]
    assert failed["status"] == 500
