"""The service with counted checks and one that a test holds, for a real server.

CHECKS_FOLDER names a folder: each run adds a line to the file of its check's name, and the check
`held` waits for the lock on the file `gate`.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from pathlib import Path

from app.diagnostics.checks import CHECKS
from app.diagnostics.checks.check_result import CheckResult
from tests.apps import make_app

FOLDER = Path(os.environ["CHECKS_FOLDER"])


def counted(name: str, check: Callable[[], CheckResult]) -> Callable[[], CheckResult]:
    def run() -> CheckResult:
        with (FOLDER / name).open("a") as runs:
            runs.write("run\n")
        return check()

    return run


def held() -> CheckResult:
    with (FOLDER / "gate").open("a") as gate:
        fcntl.flock(gate, fcntl.LOCK_SH)
    return CheckResult(True, "let go", "let go")


for _name, _check in {**CHECKS, "held": held}.items():
    CHECKS[_name] = counted(_name, _check)

app = make_app()
