"""`churn score` is killed at random moments, and run again: row for row as if nothing had been."""

from __future__ import annotations

import os
import random
import shutil
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tools.fork_server import ForkServer
from tools.writing_commands import SAMPLE, WritingCommand, contents

TIMES = 5
"""Of each command: ten together."""

COPIES = 12
"""Of the sample, in each file: several thousand rows take a moment."""

COMMANDS = {
    "file": ("score", "in/0.csv", "--output", "scores.csv", "--reasons", "1"),
    "folder": ("score", "in", "--output", "out", "--format", "parquet", "--reasons", "1"),
}


def make_input(folder: Path) -> None:
    (folder / "in").mkdir(parents=True)
    head, *lines = SAMPLE.read_text().splitlines()
    for number in range(3):
        rows = [f"{number}-{n}-{line}" for n in range(COPIES) for line in lines]
        (folder / "in" / f"{number}.csv").write_text("\n".join([head, *rows, "bad,row"]) + "\n")


def results(folder: Path) -> dict[str, Any]:
    """What is there, but for hidden folders of what isn't complete, and the manifest."""
    return {
        path: content
        for path, content in contents(folder).items()
        if ".unfinished" not in path and not path.endswith(".json")
    }


@pytest.mark.parametrize("name", COMMANDS)
def test_a_run_that_was_killed_is_completed(fork: ForkServer, memory: Path, name: str) -> None:
    folder, command = memory / "folder", WritingCommand(COMMANDS[name])
    make_input(folder)
    shutil.copytree(folder, memory / "template")
    before = results(folder)
    fork.run(("score", "--help"), environ={}, cwd=str(folder))  # its server has started by then
    started = time.perf_counter()
    assert command.run(fork, folder).status == 0
    seconds = time.perf_counter() - started
    after, everything = results(folder), contents(folder)
    draw = random.Random()
    moments = [seconds * (number + draw.random()) / TIMES for number in range(TIMES)]
    killed = 0
    for moment in moments:
        shutil.rmtree(folder)
        shutil.copytree(memory / "template", folder)
        pid = fork.start(command.args, **command.order(folder))
        process = os.pidfd_open(pid)
        time.sleep(moment)  # the moment, and no wait for something
        with suppress(ProcessLookupError):  # it has ended
            signal.pidfd_send_signal(process, signal.SIGKILL)
        os.close(process)
        killed += fork.end().status == -signal.SIGKILL
        for path, content in results(folder).items():
            assert content in (before.get(path, ...), after.get(path, ...)), (moment, path)
        again = command.run(fork, folder)
        assert again.status == 0, (moment, again)
        assert contents(folder) == everything, (moment, again)
    assert killed
