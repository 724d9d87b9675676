"""The checks. Each is read-only, has a time limit, and measures only its own part."""

from __future__ import annotations

from collections.abc import Callable

from app.diagnostics.checks.check_result import CheckResult
from app.diagnostics.checks.content_checks import documents, model
from app.diagnostics.checks.data_checks import cache, database
from app.diagnostics.checks.process_checks import errors, saturation

CHECKS: dict[str, Callable[[], CheckResult]] = {
    "model": model,
    "database": database,
    "cache": cache,
    "saturation": saturation,
    "errors": errors,
    "documents": documents,
}
