"""Checks of the model: why a release is refused, waits, or none serves."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from app.diagnostics import processes
from app.diagnostics.checks.check_result import CheckResult, Group
from app.releases.registry import NEEDS_RESTART, ReleaseRegistry
from app.releases.release_loader import CONTRACT, DAMAGED, SELF_TEST
from app.releases.serving_pointer import NAME
from app.services import services


def look() -> ReleaseRegistry:
    """Return the releases as they were read last; they are read again when a file changes."""
    return services().releases


def damaged(known: ReleaseRegistry) -> CheckResult:
    """Find releases with a file that is missing, unreadable, or not the one of the card."""
    return _refused(known, DAMAGED, "every file is the one whose digest the card states")


def contract(known: ReleaseRegistry) -> CheckResult:
    """Find releases whose contract is not the one that they were trained on."""
    return _refused(known, CONTRACT, "every scorecard has its release's contract")


def selftest(known: ReleaseRegistry) -> CheckResult:
    """Find releases that give other scores than the stored ones, the one in service included."""
    found = _refused(known, SELF_TEST, "every release gives its stored scores")
    serving = known.serving
    if found.ok and serving and (failures := serving.scorecard.verify()):
        return CheckResult(False, f"{serving.version}: {failures[0]}", found.threshold)
    return found


def pointer(known: ReleaseRegistry) -> CheckResult:
    """Find a pointer that names no release."""
    threshold = f"{NAME} names a release, or there is none"
    refusal = known.refused.get(NAME)
    if refusal is None:
        return CheckResult(True, "it can be read", threshold)
    return CheckResult(False, refusal.reason, threshold, _changed(known.model_dir / NAME))


def waiting(known: ReleaseRegistry) -> CheckResult:
    """Find a promoted release that serves only after a restart."""
    threshold = "the promoted release serves"
    # A command reads the releases anew, as after a restart: only the servers know what waits.
    waits = processes.samples().get(("churn_model_release_waiting", ()), 0)
    if not (known.waiting or waits):
        return CheckResult(True, "none waits", threshold)
    promoted = known.waiting or known.serving
    version = promoted.version if promoted else "the promoted release"
    since = _changed(known.model_dir / NAME)
    return CheckResult(False, f"{version} {NEEDS_RESTART}", threshold, since)


def serving(known: ReleaseRegistry) -> CheckResult:
    """Find that no release is in service."""
    threshold = "a release in service"
    counted = processes.samples()
    if ("churn_model_releases_refused", ()) in counted:  # a server runs, and keeps what it has
        serves = any(v for (n, _), v in counted.items() if n == "churn_model_release_serving")
    else:
        serves = known.serving is not None
    if not serves:
        return CheckResult(False, "no release is in service", threshold)
    release = known.serving
    of = f"release {release.version} of {release.card['date']}" if release else "a release"
    return CheckResult(True, f"{of} in service", threshold)


def _refused(known: ReleaseRegistry, kind: str, threshold: str) -> CheckResult:
    found = {
        version: refusal.reason
        for version, refusal in sorted(known.refused.items())
        if refusal.kind == kind
    }
    measured = "; ".join(f"{version} refused: {why}" for version, why in found.items())
    times = [since for version in found if (since := _changed(known.model_dir / version))]
    return CheckResult(
        not found, measured or "none is refused for it", threshold, min(times, default=None)
    )


def _changed(path: Path) -> datetime | None:
    """Return when a file, or the newest file of a folder, was written."""
    try:
        times = [file.stat().st_mtime for file in (path, *path.glob("*"))]
    except OSError:  # it is gone meanwhile
        return None
    return datetime.fromtimestamp(max(times), UTC)


GROUP = Group(
    look,
    {
        "damaged": damaged,
        "contract": contract,
        "selftest": selftest,
        "pointer": pointer,
        "waiting": waiting,
        "serving": serving,
    },
)
