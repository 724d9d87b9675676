"""What a check answers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CheckResult:
    """What a check found: `ok`, and the measurement against its threshold in words."""

    ok: bool
    measured: str
    threshold: str
