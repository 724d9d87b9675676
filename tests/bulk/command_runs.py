"""Runs many commands in one process, with or without the extra `bulk`.

Started as a program, it takes the commands from standard input. Where it is root, it keeps the
rights of an owner only, so that modes of files count.
"""

from __future__ import annotations

import contextlib
import functools
import io
import json
import os
import shutil
import subprocess
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.abc import MetaPathFinder
from pathlib import Path

from tools.servers import COMMAND_SECONDS, ROOT

OTHERS = ("pandas",)
"""Packages that no extra of a service has; pyarrow reads some values differently with them."""

EXTRA = ("dask", "distributed", "fsspec", "numpy", "pyarrow", *OTHERS)


@dataclass(frozen=True)
class Done:
    """What a command left: its status, and what it wrote to its output and error."""

    status: int
    out: str
    error: str


def run_all(
    commands: Sequence[Sequence[str]], folders: Sequence[Path], *, extra: bool = True
) -> list[Done]:
    """Run commands of `churn`, one after the other.

    Args:
        commands: the arguments of each.
        folders: where each runs.
        extra: whether the packages of the extra `bulk` can be imported.
    """
    rights = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]
    as_owner = rights if os.geteuid() == 0 and shutil.which("setpriv") else []
    done = subprocess.run(
        [
            *as_owner,
            sys.executable,
            "-m",
            "tests.bulk.command_runs",
            "with" if extra else "without",
        ],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        input=json.dumps([(str(f), c) for f, c in zip(folders, commands, strict=True)]),
        capture_output=True,
        text=True,
        timeout=COMMAND_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [Done(**each) for each in json.loads(done.stdout)]


class _Hidden(MetaPathFinder):
    """Hides packages, as if they weren't installed."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names

    def find_spec(self, name: str, *_: object) -> None:
        if name.partition(".")[0] in self._names:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def _main() -> None:
    sys.meta_path.insert(0, _Hidden(EXTRA if sys.argv[1] == "without" else OTHERS))
    from app import create_app  # noqa: PLC0415 - after the extra is hidden
    from app.cli.main import cli, main  # noqa: PLC0415

    cli.create_app = functools.cache(create_app)  # one application for all
    ran = [_run(main, folder, args) for folder, args in json.load(sys.stdin)]
    json.dump(ran, sys.__stdout__)


def _run(main: Callable[[], None], folder: str, args: list[str]) -> dict[str, object]:
    os.chdir(folder)
    sys.argv = ["churn", *args]
    out = io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True)
    error = io.TextIOWrapper(io.BytesIO(), "utf-8", "backslashreplace", write_through=True)
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(error):
        try:
            main()
        except SystemExit as ended:
            status = int(ended.code or 0)
        except BaseException:
            traceback.print_exc()
            status = -1
    said = [stream.buffer.getvalue().decode() for stream in (out, error)]  # type: ignore[attr-defined]
    return {"status": status, "out": said[0], "error": said[1]}


if __name__ == "__main__":
    _main()
