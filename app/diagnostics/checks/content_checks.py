"""Checks of the model and the documents."""

from __future__ import annotations

from datetime import UTC, datetime

from app.diagnostics.checks.check_result import CheckResult
from app.releases.registry import NEEDS_RESTART
from app.services import services


def model() -> CheckResult:
    """Check that a release is in service and gives its stored scores, and that none is refused.

    Digests are compared when a release is loaded; a release that differs from its card is refused.
    """
    known = services().releases
    threshold = "a release in service, its self-test right, no release refused"
    if known.serving is None:
        measured = "no release is in service"
    elif failures := known.serving.scorecard.verify():
        measured = f"release {known.serving.version}: {failures[0]}"
    else:
        card = known.serving.card
        measured = f"release {known.serving.version} of {card['date']} in service, self-test right"
    refused = [f"{version} refused: {why}" for version, why in sorted(known.refused.items())]
    ok = measured.endswith("self-test right") and not refused
    waiting = [f"{known.waiting.version} {NEEDS_RESTART}"] if known.waiting else []
    return CheckResult(ok, "; ".join([measured, *refused, *waiting]), threshold)


def documents() -> CheckResult:
    """Check that no review of a runbook or guide is overdue."""
    today = datetime.now(UTC).date()
    overdue = [d.slug for d in services().library() if d.is_overdue(today)]
    measured = f"{len(overdue)} overdue" + (f": {', '.join(overdue)}" if overdue else "")
    return CheckResult(not overdue, measured, "no review overdue")
