"""Each command that writes is killed at random moments and run again: nothing is half written."""

from __future__ import annotations

import os
import random
import secrets
import shutil
import signal
import time
from contextlib import suppress
from pathlib import Path

from soak.figures import Figure, failures
from tools.fork_server import ForkServer, fork_server
from tools.servers import ServerError
from tools.writing_commands import COMMANDS, WritingCommand, contents

TITLE = "Writes: each command that writes is killed at 50 random moments, then run again"
MOMENTS = 50


def run(folder: Path) -> list[Figure]:
    """Kill each command, and compare what is there at the end with an undisturbed run."""
    seed = secrets.randbelow(2**32)
    draw = random.Random(seed)
    figures = [Figure("seed of the moments", str(seed))]
    with fork_server(folder) as server:
        for name, command in COMMANDS.items():
            place = folder / name
            (place / "folder").mkdir(parents=True)
            figures += _killed(server, name, command, place, draw)
    return figures


def _killed(
    server: ForkServer, name: str, command: WritingCommand, place: Path, draw: random.Random
) -> list[Figure]:
    template, folder = place / "template", place / "folder"
    command.needs(server, folder)
    shutil.copytree(folder, template)

    def prepare() -> None:
        shutil.rmtree(folder)
        shutil.copytree(template, folder)

    for _ in range(2):  # the first takes longer than those that are killed
        prepare()
        began = time.monotonic()
        if (ended := command.run(server, folder)).status:
            raise ServerError(f"{name}: {ended.error}")
        seconds = time.monotonic() - began
    undisturbed = contents(folder)
    killed = wrong = 0
    for _ in range(MOMENTS):
        prepare()
        killed += _kill(server, command, folder, draw.uniform(0, seconds))
        command.run(server, folder)
        wrong += contents(folder) != undisturbed
    return [
        Figure(f"{name}: killed before the end, of {MOMENTS}", str(killed), broken=killed == 0),
        failures(f"{name}: other than undisturbed after another run", wrong),
    ]


def _kill(server: ForkServer, command: WritingCommand, folder: Path, moment: float) -> bool:
    """Kill a command after some seconds; return False if it had ended."""
    pid = server.start(command.args, **command.order(folder))
    time.sleep(moment)
    with suppress(ProcessLookupError):  # it has ended
        os.kill(pid, signal.SIGKILL)
    return server.end().status == -signal.SIGKILL
