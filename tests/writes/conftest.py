"""Commands that write, each with what is there before it and after an undisturbed run."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tools.fork_server import Ended, ForkServer, fork_server
from tools.memory_folder import memory_folder
from tools.system_call_faults import WRITES, fault
from tools.writing_commands import COMMANDS, WritingCommand, contents

MANY = 6
"""So many of the calls that SQLite makes within a command are tried, spread evenly. Of the others
all are. The soak kills commands at random moments."""

SQLITE = ("pwrite64", "fdatasync", "ftruncate", "fchown")
REPLACED = re.compile(r"\.(\d+\.\d+\.\d+)\.replaced")
UNFINISHED = re.compile(r"(^|/)\.churn-\w+\.unfinished")


@dataclass(frozen=True)
class Case:
    """A command in its folder.

    Attributes:
        template: what is there before.
        before: its contents.
        after: the contents after an undisturbed run.
        calls: the kinds of the calls that change the disk, each with its number among its kind.
    """

    command: WritingCommand
    server: ForkServer
    template: Path
    folder: Path
    before: dict[str, Any]
    after: dict[str, Any]
    calls: list[tuple[str, int]]

    def prepare(self) -> None:
        """Put back what is there before."""
        shutil.rmtree(self.folder)
        shutil.copytree(self.template, self.folder)

    def under(self, call: str, what: str) -> Ended:
        """Run the command from the beginning, with a fault at one of its calls."""
        self.prepare()
        order = self.command.order(self.folder)
        pid = self.server.start(self.command.args, stopped=True, **order)
        with fault(pid, (call,), what, self.folder.with_name("log")):
            return self.server.end()

    def whole(self, what: object) -> None:
        """Check that nothing is half written: each file is as before or as after.

        For a moment a folder that is replaced has another name.
        """
        seen = {
            p: content for p, content in contents(self.folder).items() if not UNFINISHED.search(p)
        }
        old = {REPLACED.sub(r"\1", p): content for p, content in seen.items() if REPLACED.search(p)}
        found = old | {p: content for p, content in seen.items() if not REPLACED.search(p)}
        for path in {*self.before, *self.after, *found}:
            there = (self.before.get(path, ...), self.after.get(path, ...))
            assert found.get(path, ...) in there, (what, path, found.get(path))

    def run_again(self, what: object) -> None:
        """Run the command again, and compare with an undisturbed run."""
        again = self.command.run(self.server, self.folder)
        assert again.status == 0 or self.command.refuses_again, (what, again)
        assert "Traceback" not in again.error, (what, again)
        assert contents(self.folder) == self.after, (what, again)


@pytest.fixture(scope="package")
def fork(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ForkServer]:
    with fork_server(tmp_path_factory.mktemp("output")) as running:
        yield running


@pytest.fixture
def memory() -> Iterator[Path]:
    with memory_folder() as folder:
        yield folder


@pytest.fixture(params=COMMANDS)
def case(request: pytest.FixtureRequest, fork: ForkServer, memory: Path) -> Case:
    command = COMMANDS[request.param]
    template, folder, log = (memory / name for name in ("template", "folder", "log"))
    folder.mkdir()
    command.needs(fork, folder)
    shutil.copytree(folder, template)
    before = contents(folder)
    pid = fork.start(command.args, stopped=True, **command.order(folder))
    with fault(pid, WRITES, "delay_enter=0", log):
        ended = fork.end()
    assert ended.status == 0, ended
    after = contents(folder)
    assert after != before
    return Case(command, fork, template, folder, before, after, _calls(log, pid))


def _calls(log: Path, pid: int) -> list[tuple[str, int]]:
    """The calls to try: of the command itself, and not to its standard output."""
    seen: Counter[str] = Counter()
    ours, internal = [], []
    for line in log.read_text().splitlines():
        if found := re.match(rf"{pid} +(\w+)\((\d?)", line):
            name, first = found.groups()
            seen[name] += 1
            if name in SQLITE:
                internal.append((name, seen[name]))
            elif name != "write" or first not in ("1", "2"):
                ours.append((name, seen[name]))
    return ours + internal[:: max(1, len(internal) // MANY)]
