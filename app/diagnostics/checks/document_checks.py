"""Checks of the documents."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from app.diagnostics.checks.check_result import CheckResult, Group
from app.services import services


def look() -> list[tuple[str, datetime]]:
    """Return the runbooks and guides whose review is overdue, and since when."""
    today = datetime.now(UTC).date()
    found = [
        (document.slug, datetime.combine(due + timedelta(days=1), time(), UTC))
        for document in services().library()
        if (due := document.review_by) is not None and document.is_overdue(today)
    ]
    return sorted(found, key=lambda one: one[1])


def overdue(found: list[tuple[str, datetime]]) -> CheckResult:
    """Find reviews that are overdue."""
    slugs = ", ".join(slug for slug, _ in found)
    measured = f"{len(found)} overdue" + (f": {slugs}" if found else "")
    since = found[0][1] if found else None
    return CheckResult(not found, measured, "no review overdue", since)


GROUP = Group(look, {"overdue": overdue})
