"""`/metrics` is computed once at a time."""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask

from app.resilience import single_flight
from app.services import services_of

ASKERS = 8


def test_those_who_ask_during_a_scrape_share_it(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A scrape reads every file of every worker."""
    begun: list[str] = []
    joined = threading.Semaphore(0)

    class Shared(Future[Any]):
        def result(self, timeout: float | None = None) -> Any:
            joined.release()
            return super().result(timeout)

    def hold() -> None:
        begun.append("scrape")
        for _ in range(ASKERS - 1):
            joined.acquire()

    monkeypatch.setattr(single_flight, "Future", Shared)
    monkeypatch.setattr(services_of(app), "before_scrape", [hold])
    with ThreadPoolExecutor(ASKERS) as clients:
        asked = [clients.submit(app.test_client().get, "/metrics") for _ in range(ASKERS)]
    answers = [future.result() for future in asked]
    assert begun == ["scrape"]
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.data for answer in answers}) == 1
