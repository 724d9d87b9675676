"""The result of a check, and groups of checks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class CheckResult:
    """The result of a check."""

    ok: bool | None
    """Whether this is not what is wrong; None: the check itself failed, or hangs."""

    measured: str
    threshold: str
    since: datetime | None = None
    """When it began, if that is known."""


@dataclass(frozen=True)
class Group(Generic[T]):
    """Checks that share one measurement."""

    measure: Callable[[], T]
    checks: dict[str, Callable[[T], CheckResult]]
    """Each check by its name within the group."""

    def run(self) -> dict[str, CheckResult]:
        """Measure once, and let each check judge it."""
        found = self.measure()
        return {name: check(found) for name, check in self.checks.items()}


def unmeasured(why: str, threshold: str) -> CheckResult:
    """Rule a check out that could not be measured, because something else is wrong."""
    return CheckResult(True, f"not measured: {why}", threshold)
