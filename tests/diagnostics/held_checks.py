"""The service with checks that are counted and held by a test, for a real server.

CHECKS_FOLDER names a folder. Each run adds a line to the file of its check's name, and waits for
the lock on the file `gate`.
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


def held(name: str, check: Callable[[], CheckResult]) -> Callable[[], CheckResult]:
    def run() -> CheckResult:
        with (FOLDER / name).open("a") as runs:
            runs.write("run\n")
        with (FOLDER / "gate").open("a") as gate:
            fcntl.flock(gate, fcntl.LOCK_SH)
        return check()

    return run


CHECKS.update({name: held(name, check) for name, check in CHECKS.items()})

app = make_app()
