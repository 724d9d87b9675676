"""The result of a check."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CheckResult:
    """The result of a check: `ok`, and measurement and threshold in words."""

    ok: bool
    measured: str
    threshold: str
