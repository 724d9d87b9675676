"""What is drawn for a blind round: a cause, none, or a pair."""

from __future__ import annotations

import random

from drills.faults import CACHE, DATABASE, FAULTS, MODEL

Key = tuple[str, str]
"""A runbook, and the id of a cause's heading."""

PAIRS = [
    ((MODEL, "cause-1-"), (CACHE, "cause-2-")),
    ((MODEL, "cause-1-"), (DATABASE, "cause-2-")),
    ((MODEL, "cause-2-"), (CACHE, "cause-1-")),
    ((MODEL, "cause-3-"), (CACHE, "cause-4-")),
    ((MODEL, "cause-4-"), (CACHE, "cause-3-")),
]
"""Faults that can be told apart when both are there: runbook, and how the cause's id begins.

No solution of the one waits for the other's: what scores customers would wait for a locked table.
"""

NONE, PAIR = 0.1, 0.2
"""Shares of rounds with no fault, and with a pair."""


def draw(numbers: random.Random) -> list[Key]:
    """Draw a cause, none, or a pair."""
    kind = numbers.random()
    if kind < NONE:
        return []
    if kind < NONE + PAIR:
        return [_key(*begin) for begin in numbers.choice(PAIRS)]
    return [numbers.choice(list(FAULTS))]


def _key(slug: str, begins: str) -> Key:
    return next(key for key in FAULTS if key[0] == slug and key[1].startswith(begins))
