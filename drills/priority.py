"""Lets processes go first, so that other work on the machine doesn't change a verdict."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def prefer(pid: int, nice: int) -> None:
    """Give a process, and what it starts from now on, this niceness; without the right, don't.

    Linux shares the processors among sessions first, so the session gets it too.
    """
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, pid, nice)
        Path(f"/proc/{pid}/autogroup").write_text(str(nice))
