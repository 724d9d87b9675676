"""Checks of the database: why it is slow or gone.

All four judge one look at it. Each rules itself out if another is the cause.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.diagnostics.checks.check_result import CheckResult, Group, unmeasured
from app.services import services

if TYPE_CHECKING:
    from app.customers.store.database_look import DatabaseLook

ANSWER_SECONDS = 3
"""Time in which even a slow server answers."""

SLOW = 0.25
"""Seconds to read one row."""

OLD = 30
"""Seconds of a statement that counts while the database is slow."""


def look() -> DatabaseLook:
    """Look at the database once for all checks."""
    return services().customers.store.look()


def frozen(found: DatabaseLook) -> CheckResult:
    """Find a server that is gone or frozen, or that refuses us."""
    threshold = f"an answer within {ANSWER_SECONDS} s"
    if found.fault:
        return CheckResult(False, found.fault, threshold)
    if found.full:
        return CheckResult(True, f"it answers, but refuses: {found.full}", threshold)
    return CheckResult(True, _row(found), threshold)


def locks(found: DatabaseLook) -> CheckResult:
    """Find connections that wait for a lock."""
    threshold = "nothing waits for a lock for 1 s, a row is read without waiting for one"
    if why := _unknown(found):
        return unmeasured(why, threshold)
    if not (found.waiting or found.locked):
        return CheckResult(True, "nothing waits for a lock", threshold)
    measured = ["the table is locked"] if found.locked else []
    if found.waiting:
        measured.append(f"{found.waiting} connections wait for a lock")
    if found.blockers:
        measured.append(f"held by {', '.join(str(pid) for pid, _ in found.blockers)}")
    begun = next((since for _, since in found.blockers if since), found.waiting_since)
    return CheckResult(False, ", ".join(measured), threshold, begun)


def queries(found: DatabaseLook) -> CheckResult:
    """Find old statements that run while the database is slow."""
    threshold = f"a row within {SLOW * 1000:.0f} ms, or no statement older than {OLD} s"
    if why := _unknown(found):
        return unmeasured(why, threshold)
    since = next((begun for _, begun in found.old), None)
    pids = ", ".join(str(pid) for pid, _ in found.old)
    measured = [_row(found), f"{len(found.old)} older than {OLD} s" + (f": {pids}" if pids else "")]
    if found.hidden:
        measured.append(
            f"{found.hidden} statements of others hidden (GRANT pg_read_all_stats shows them)"
        )
    slow = not found.locked and (found.row is None or found.row > SLOW)
    is_it = slow and bool(found.old)
    return CheckResult(not is_it, ", ".join(measured), threshold, since if is_it else None)


def connections(found: DatabaseLook) -> CheckResult:
    """Find a server that has no connection left."""
    threshold = "a free connection"
    if found.full:
        return CheckResult(False, found.full, threshold)
    if why := _unknown(found):
        return unmeasured(why, threshold)
    measured = f"{found.connections} of {found.most} connections"
    return CheckResult(found.connections < found.most, measured, threshold)


def _unknown(found: DatabaseLook) -> str:
    """Say why the server's activity is unknown, or nothing."""
    if found.embedded:
        return "an embedded database has no connections"
    if found.full:
        return "no connection is left"
    return "" if found.answered else "the server does not answer"


def _row(found: DatabaseLook) -> str:
    if found.fault:
        return found.fault
    if found.locked:
        return "it answers, but the table is locked"
    if found.row is None:
        return f"it answers, but reads no row within {ANSWER_SECONDS} s"
    return f"a row in {found.row * 1000:.1f} ms"


GROUP = Group(
    look,
    {"frozen": frozen, "locks": locks, "queries": queries, "connections": connections},
)
