"""The checks. Each is read-only, and tells one cause from all others.

Those of a group share one measurement, so that asking for all of them costs as much as one.
"""

from __future__ import annotations

import hashlib
import inspect
from pathlib import Path
from typing import Any

from app.diagnostics.checks import (
    cache_checks,
    database_checks,
    document_checks,
    model_checks,
    service_checks,
)
from app.diagnostics.checks.check_result import Group

GROUPS: dict[str, Group[Any]] = {
    "database": database_checks.GROUP,
    "cache": cache_checks.GROUP,
    "service": service_checks.GROUP,
    "model": model_checks.GROUP,
    "documents": document_checks.GROUP,
}


def names() -> list[str]:
    """Return the names of all checks, such as `database.locks`."""
    return [f"{group}.{check}" for group, found in GROUPS.items() for check in found.checks]


def of(name: str) -> list[str]:
    """Return the checks that a name means: one, or those of a group; none if it is unknown."""
    return [check for check in names() if name in (check, check.partition(".")[0])]


def check_digest(name: str) -> str:
    """Return a digest that changes with the code of a check, or of a check of a group.

    Raises:
        KeyError: there is neither a check nor a group of that name.
    """
    group, _, check = name.partition(".")
    checks = GROUPS[group].checks
    if check:
        file = inspect.getsourcefile(checks[check])
        return hashlib.sha256(Path(str(file)).read_bytes()).hexdigest()
    members = sorted(check_digest(f"{group}.{member}") for member in checks)
    return hashlib.sha256("\n".join(members).encode()).hexdigest()
