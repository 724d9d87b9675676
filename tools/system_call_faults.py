"""Makes system calls that write fail, or kills the process at one of them: strace's injection."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.fork_server import tracer
from tools.servers import program, unavailable, wait_until

WRITES = (
    *("write", "pwrite64", "fsync", "fdatasync", "ftruncate", "fchmod", "fchown"),
    *("rename", "renameat", "renameat2", "link", "linkat", "unlink", "unlinkat"),
    *("mkdir", "mkdirat", "rmdir"),
)
"""Calls that change what is on the disk. Between two of them nothing changes."""

FILLS = (
    *("write", "pwrite64", "fsync", "fdatasync", "rename", "renameat", "renameat2"),
    *("link", "linkat", "mkdir", "mkdirat"),
)
"""Calls that may find the disk full."""


@contextmanager
def fault(pid: int, calls: tuple[str, ...], what: str, log: Path) -> Iterator[None]:
    """Let a stopped process go on, with a fault at one of its calls.

    Args:
        pid: of the process.
        calls: their names; those that the machine doesn't have are left out.
        what: as strace's `inject` has it, such as `signal=KILL:when=3`.
        log: for the calls.

    Raises:
        SkipTest, ServerError: processes can't be traced here; as `unavailable` does.
    """
    names = ",".join(f"?{call}" for call in calls)
    command = [program("strace"), "-f", "-qq", "-o", str(log), "-p", str(pid)]
    command += ["-e", f"trace={names}", "-e", f"inject={names}:{what}"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as strace:
        wait_until(lambda: strace.poll() is not None or tracer(pid) != 0, "strace attaches")
        os.kill(pid, signal.SIGCONT)
        if strace.poll() is not None:
            unavailable(f"strace can't trace: {strace.communicate()[1].strip()}")
        yield
        strace.wait(60)
