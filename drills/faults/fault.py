"""A fault: how a cause is brought about from outside, and how it is taken away afterwards."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from drills.stack import Stack

BUSY = frozenset({503})
"""What the service answers where a part is missing."""

DOWN = frozenset({502, 503, 504})
"""The same, and what the proxy answers while the service restarts, is down or hangs."""


@dataclass(frozen=True)
class Fault:
    """What brings a cause about."""

    words: str
    alert: str
    """The alert of its runbook that fires."""

    check: str
    """The check that names it; its group's, where another runbook links here."""

    breaks: Callable[[Stack], AbstractContextManager[object]]
    """Breaks the stack; at the block's end, what is still broken is mended."""

    refusals: frozenset[int] = BUSY
    """Statuses with which requests may be refused meanwhile."""

    ripe: Callable[[Stack], bool] = lambda _: True
    """Whether it has lasted as long as it has when people come to look."""

    also: frozenset[str] = frozenset()
    """Checks of other runbooks that say yes too, and rightly."""
