"""Mixed traffic while parts fail and recover: only requests that need them are refused.

`make soak` prints how long they wait for it, under pressure.
"""

from __future__ import annotations

from pathlib import Path

from app.resilience.circuit_breaker import RETRY_SECONDS
from tools.part_outages import traffic_through_outages

RATE = 60
"""Requests per second that a busy machine answers, too."""


def test_parts_come_and_go_under_traffic(tmp_path: Path) -> None:
    """No prediction from features fails; lookups fail only while the database is down, and say so.

    That each part is used again once it is back, the scenario itself waits for.
    """
    traffic, _ = traffic_through_outages(tmp_path, RATE)
    assert {call.status for call in traffic.of("predict")} == {200}
    lookups = traffic.of("lookup")
    assert {call.status for call in lookups} == {200, 503}
    away = [call for call in lookups if call.status == 503]
    assert {call.retry_after for call in away} == {str(RETRY_SECONDS)}
    assert "Traceback" not in traffic.server.log.read_text()
