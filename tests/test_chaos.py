"""Mixed traffic while parts are taken away and given back: who needs them is refused, nobody else.

`make soak` prints how long they wait for it, under pressure.
"""

from __future__ import annotations

from pathlib import Path

from app.resilience.circuit_breaker import RETRY_SECONDS
from tools.part_outages import traffic_through_outages

RATE = 60
"""Requests a second: what a busy machine answers too."""


def test_parts_come_and_go_under_traffic(tmp_path: Path) -> None:
    """No prediction from features fails; a lookup does for want of the database alone, and says so.

    That each part is used again once it is back, the scenario itself waits for.
    """
    traffic, _ = traffic_through_outages(tmp_path, RATE)
    assert {call.status for call in traffic.of("predict")} == {200}
    lookups = traffic.of("lookup")
    assert {call.status for call in lookups} == {200, 503}
    away = [call for call in lookups if call.status == 503]
    assert {call.retry_after for call in away} == {str(RETRY_SECONDS)}
    assert "Traceback" not in traffic.server.log.read_text()
