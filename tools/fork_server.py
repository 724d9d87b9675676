"""Runs commands in forks of a process that has imported them: a run takes milliseconds.

Each fork is a process of its own, that can be traced, killed and run out of disk.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import subprocess
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import IO, Any, NoReturn, cast

from tools.servers import ROOT, ServerError, wait_until


@dataclass(frozen=True)
class Ended:
    """What a command left: its status, negative for a signal, and what it wrote."""

    status: int
    out: str
    error: str


class ForkServer:
    """Starts one command after the other.

    Args:
        process: with pipes for orders and answers.
        folder: for what the commands write to their standard output and error.
    """

    def __init__(self, process: subprocess.Popen[str], folder: Path) -> None:
        self.process = process
        self.folder = folder

    def start(self, args: tuple[str, ...], stopped: bool = False, **order: Any) -> int:
        """Begin a command, and return its process.

        Args:
            args: of `churn`.
            stopped: whether it waits for SIGCONT.
            order: `environ`, `cwd`, `input` and `root`, the folder with the documents.
        """
        order |= {"args": args, "stopped": stopped, "folder": str(self.folder)}
        cast("IO[str]", self.process.stdin).write(json.dumps(order) + "\n")
        cast("IO[str]", self.process.stdin).flush()
        pid = int(self._answer())
        if stopped:
            wait_until(lambda: _state(pid) in "Tt", "the command stops")
        return pid

    def end(self) -> Ended:
        """Wait for the command."""
        status = os.waitstatus_to_exitcode(int(self._answer()))
        out, error = ((self.folder / name).read_text(errors="replace") for name in ("out", "error"))
        return Ended(status, out, error)

    def run(self, args: tuple[str, ...], **order: Any) -> Ended:
        """Run a command to its end."""
        self.start(args, **order)
        return self.end()

    def _answer(self) -> str:
        line = cast("IO[str]", self.process.stdout).readline()
        if not line:
            raise ServerError("the server of forks ended")
        return line


@contextmanager
def fork_server(folder: Path) -> Iterator[ForkServer]:
    """Run a server of forks."""
    with subprocess.Popen(
        [sys.executable, "-m", "tools.fork_server"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield ForkServer(process, folder)


def tracer(pid: int) -> int:
    """The process that traces another, or 0."""
    return int(_status(pid).get("TracerPid", "0"))


def _state(pid: int) -> str:
    return _status(pid).get("State", "?")[0]


def _status(pid: int) -> dict[str, str]:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def _serve() -> None:
    """Fork for each order from standard input, and answer with its process and its status."""
    from app.bulk.parts import array_part  # noqa: F401, PLC0415 - before the first fork
    from app.cli import main, score  # noqa: F401, PLC0415
    from app.customers import commands, database_commands, sample_customers  # noqa: F401, PLC0415
    from model.training import folder_draft, release_writer  # noqa: F401, PLC0415

    orders, answers = (os.fdopen(os.dup(end), mode) for end, mode in ((0, "r"), (1, "w")))
    gc.freeze()  # so that forks share it
    while line := orders.readline():
        pid = os.fork()
        if not pid:
            _command(**json.loads(line))
        print(pid, file=answers, flush=True)
        print(os.waitpid(pid, 0)[1], file=answers, flush=True)


def _command(
    *,
    args: list[str],
    stopped: bool,
    folder: str,
    environ: dict[str, str],
    cwd: str,
    input: str = os.devnull,  # noqa: A002 - as of a shell
    root: str = "",
) -> NoReturn:
    new = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    files = ((input, os.O_RDONLY), (f"{folder}/out", new), (f"{folder}/error", new))
    for end, (name, flags) in enumerate(files):
        os.dup2(os.open(name, flags, 0o600), end)
    os.environ.update(environ)
    os.chdir(cwd)
    sys.argv = ["churn", *args]
    _without_servers_and_training()
    if root:
        _documents_of(Path(root))
    if stopped:
        os.kill(os.getpid(), signal.SIGSTOP)
    from app.cli.main import main  # noqa: PLC0415 - imported before

    try:
        main()
    except SystemExit as ended:
        status = int(ended.code or 0)
    except BaseException:
        traceback.print_exc()
        status = 1
    sys.stdout.flush()
    os._exit(status)  # to tear down all that was imported takes longer than the command


def _without_servers_and_training() -> None:
    """End where the service would start; take what training makes from a release."""
    import numpy as np  # noqa: PLC0415 - of the fork

    from model.training import release_writer  # noqa: PLC0415 - of the fork

    release = ROOT / "model" / "releases" / "1.2.0"
    evaluation = json.loads((release / "evaluation.json").read_bytes())
    files = {path.name: path.read_bytes() for path in sorted(release.iterdir())}
    figures = SimpleNamespace(roc_auc=0.8, log_losses=np.array([0.4]))
    candidate = SimpleNamespace(
        text=files["scorecard.json"].decode(),
        goals=[],
        trained=SimpleNamespace(choice=SimpleNamespace(figures=figures, pairs=1)),
        validation=(np.array([True, False]), np.array([0.9, 0.1])),
    )
    made: Any = release_writer
    made.make_candidate = lambda *_, **__: candidate
    made.make_release = lambda *_, **__: (files, evaluation)
    ending: Any = os
    ending.execv = lambda *_: sys.exit(0)


def _documents_of(root: Path) -> None:
    from app.config import Settings  # noqa: PLC0415 - of the fork

    settings = replace(Settings.from_environment(), root=root)
    kind: Any = Settings
    kind.from_environment = lambda *_: settings


if __name__ == "__main__":
    _serve()
