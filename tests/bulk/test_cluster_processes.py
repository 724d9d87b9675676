"""Files scored by processes of this machine: one may die, none outlives the command."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask

from tests.bulk.cluster_runs import REJECTED, SAMPLE, content, default_job, here, parts_in
from tools.dask_cluster import HeldFile
from tools.servers import ROOT, wait_until


def test_a_local_process_that_is_killed_changes_no_byte(app: Flask, tmp_path: Path) -> None:
    """Another one scores what it had begun; nothing is left where the command ran."""
    parts_in(tmp_path, a=SAMPLE, c=REJECTED)
    held = HeldFile(tmp_path / "in" / "b.csv")
    (tmp_path / "cwd").mkdir()
    words = ["score", f"{tmp_path}/in", "--output", f"{tmp_path}/out", "--engine", "dask"]
    with started(["-m", "app.cli.main", *words], tmp_path / "cwd") as command:
        reader = held.reader()
        os.kill(reader, signal.SIGKILL)
        held.reader(but=reader)
        held.write(SAMPLE)
        printed, said = command.communicate()
    assert command.returncode == 0, said
    assert "402 read, 401 scored, 1 rejected" in printed
    assert content(tmp_path / "cwd") == {}
    (tmp_path / "in" / "b.csv").unlink()
    assert content(tmp_path / "out") == here(default_job(app), parts_in(tmp_path, b=SAMPLE)).files


@pytest.mark.parametrize("ends", [signal.SIGINT, signal.SIGKILL], ids=lambda ends: ends.name)
def test_local_processes_end_with_the_command(tmp_path: Path, ends: signal.Signals) -> None:
    """By Ctrl-C, which a terminal sends to all of them, and without a word of theirs."""
    (tmp_path / "waits.py").write_text(WAITS)
    with started([f"{tmp_path}/waits.py"], tmp_path) as command:
        assert command.stdout
        (worker,) = map(int, command.stdout.readline().split())
        assert alive(worker)
        if ends == signal.SIGINT:
            os.killpg(command.pid, ends)
        else:
            command.send_signal(ends)
        _, said = command.communicate()
    wait_until(lambda: not alive(worker), "the worker ends")
    assert "Traceback" not in said
    assert {path.name for path in tmp_path.iterdir()} == {"waits.py"}


WAITS = """
import os, sys
from contextlib import suppress
from app.bulk.cluster.cluster import connected

if __name__ == "__main__":
    with suppress(KeyboardInterrupt), connected("", 1) as client:
        print(*client.run(os.getpid).values(), flush=True)
        sys.stdin.read()
"""


def started(args: list[str], cwd: Path) -> subprocess.Popen[str]:
    """Start Python in a session of its own, as in a terminal."""
    return subprocess.Popen(
        [sys.executable, *args],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": f"{ROOT}"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()
