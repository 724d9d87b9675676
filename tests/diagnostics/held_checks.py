"""The service with checks that are counted and held by a test, for a real server.

CHECKS_FOLDER names a folder. Each run adds a line to the file of its group's name, and waits for
the lock on the file `gate`.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import Any

from app.diagnostics.checks import GROUPS
from app.diagnostics.checks.check_result import Group
from tests.apps import make_app

FOLDER = Path(os.environ["CHECKS_FOLDER"])


def held(name: str, group: Group[Any]) -> Group[Any]:
    def run() -> Any:
        with (FOLDER / name).open("a") as runs:
            runs.write("run\n")
        with (FOLDER / "gate").open("a") as gate:
            fcntl.flock(gate, fcntl.LOCK_SH)
        return group.measure()

    return Group(run, group.checks)


GROUPS.update({name: held(name, group) for name, group in GROUPS.items()})

app = make_app()
