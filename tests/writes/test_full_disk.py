"""Each command that writes meets a full disk: one line, and nothing is left beside."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.writes.conftest import Case
from tools.fork_server import Ended
from tools.servers import unavailable
from tools.system_call_faults import FILLS
from tools.writing_commands import contents

PAGE = 4096
FULL = re.compile(r"No space left on device|disk is full|disk I/O error|unable to open")


def failed_cleanly(case: Case, ended: Ended, what: object) -> None:
    assert ended.status in (1, 2), (what, ended)
    assert FULL.search(ended.error.splitlines()[-1]), (what, ended)
    assert "Traceback" not in ended.error, (what, ended)
    assert set(contents(case.folder)) <= {*case.before, *case.after}, (what, ended)
    case.whole(what)


def test_a_call_that_finds_no_space_ends_the_command_in_one_line(case: Case) -> None:
    tried = [(call, number) for call, number in case.calls if call in FILLS]
    assert tried
    for call, number in tried:
        ended = case.under(call, f"error=ENOSPC:when={number}")
        if ended.status:
            failed_cleanly(case, ended, (call, number))
        else:  # SQLite can go on without some calls
            assert contents(case.folder) == case.after, (call, number)
        case.run_again((call, number))


@contextmanager
def small_disk(place: Path) -> Iterator[None]:
    """Mount a disk of 4 MB in memory.

    Raises:
        SkipTest, ServerError: this account may not; as `unavailable` does.
    """
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(place)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False)
    if done.returncode:
        unavailable(f"can't mount a small disk: {done.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


FREE = (0, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233)
"""Free pages to try; a database needs more than a small file."""


def test_a_disk_that_is_really_full_does_too(case: Case) -> None:
    """With room for more and more pages, until there is enough."""
    failed = 0
    for free in FREE:
        with small_disk(case.folder):
            shutil.copytree(case.template, case.folder, dirs_exist_ok=True)
            room = os.statvfs(case.folder).f_bavail - free
            (case.folder / "filler").write_bytes(bytes(room * PAGE))
            ended = case.command.run(case.server, case.folder)
            (case.folder / "filler").unlink()
            if ended.status:
                failed += 1
                failed_cleanly(case, ended, free)
            case.run_again(free)
        if not ended.status:
            break
    assert failed
    assert not ended.status, ended
