"""Rule: checks of causes are checks of the service, and each of those belongs to a cause."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from app.handbook.documents.library import Library
from app.handbook.rendering.frames import diagnostic
from app.handbook.rules.finding import Finding


def check(library: Library, checks: Collection[str]) -> Iterator[Finding]:
    """Yield findings of the checks that runbooks name, and of those that none names.

    Args:
        library: the documents.
        checks: the names of the service's checks, such as `database.locks`; none: any is right.
    """
    if not checks or not library.runbooks:
        return
    groups = {name.partition(".")[0] for name in checks}
    named = set()
    for runbook in library.runbooks:
        for cause in runbook.causes:
            name = diagnostic(cause)
            named.add(name)
            if name and name not in checks and name not in groups:
                message = f"the service has no check {name}: churn diagnose --help names them"
                line = cause.fields["check"].line
                yield Finding(runbook.path, line, "check", message)
    for name in sorted(set(checks) - named):
        message = f"no cause names the check {name}: add the cause that it finds"
        yield Finding(library.runbooks[0].path, 1, "check", message)
