"""A worker keeps its rate while a thousand connections are idle and two hundred trickle."""

from __future__ import annotations

from pathlib import Path
from statistics import median

from soak.figures import Figure, failures
from soak.one_worker import one_worker, probing, singles
from tools.slow_clients import closed, idle, trickling

IDLE, TRICKLING, TURNS = 1000, 200, 3
SECONDS = 8
"""Of load in half a turn, longer than a head may take: those that trickle are cut off."""

TITLE = f"Idle: single predictions beside {IDLE:,} idle and {TRICKLING} trickling connections"

RATE, TAIL = 0.8, 1.5
"""The rate must be at least this share of the rate alone, the p99 at most this multiple."""


def run(folder: Path) -> list[Figure]:
    """Measure alone and beside the others, in turn."""
    pairs, probes, lost, cut_off = [], [], 0, 0
    with one_worker(folder) as server:
        for _ in range(TURNS):
            alone = singles(server, SECONDS)
            with idle(server, IDLE) as held, trickling(server, TRICKLING) as slow:
                with probing(server) as taken:
                    pairs.append((alone, singles(server, SECONDS)))
                probes += taken
                lost += sum(closed(connection) for connection in held)
            cut_off += slow.cut_off
    rate = median(beside.rate / alone.rate for alone, beside in pairs)
    tail = median(beside.p99 / alone.p99 for alone, beside in pairs)
    return [
        Figure("requests a second, alone", f"{median(alone.rate for alone, _ in pairs):,.0f}"),
        Figure("beside them", f"{median(beside.rate for _, beside in pairs):,.0f}"),
        Figure(f"beside / alone, at least {RATE}", f"{rate:.2f}", broken=rate < RATE),
        Figure("p99 alone, ms", f"{median(alone.p99 for alone, _ in pairs):.2f}"),
        Figure("p99 beside them, ms", f"{median(beside.p99 for _, beside in pairs):.2f}"),
        Figure(f"beside / alone, at most {TAIL}", f"{tail:.2f}", broken=tail > TAIL),
        Figure("slowest GET /health/live beside them, ms", f"{max(probes) * 1000:.1f}"),
        Figure("trickling connections that were cut off", f"{cut_off:,}", broken=cut_off == 0),
        failures("predictions that failed", sum(a.failed + b.failed for a, b in pairs)),
        failures("idle connections that were closed", lost),
    ]
