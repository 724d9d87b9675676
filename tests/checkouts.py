"""A copy of the checkout in which the commands of documents are run, as their readers run them."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tools.databases import POSTGRESQL
from tools.ports import free_port
from tools.servers import ROOT, answers, wait_for

ADDRESS = "http://127.0.0.1:8000"
"""The service's address in documents; the tests replace it."""

LEFT_OUT = (".git", ".venv", "build", ".*_cache", "instance", "*.sqlite3*", "node_modules")
"""What a copy hasn't. It has the compiled modules, so that each command starts as fast as here."""

FEWER = {"for leaves in (2, 3)": "for leaves in (2,)", "(100, 200, 400, 800)": "(100,)"}
"""What is changed in a copy, so that training tries fewer settings and takes seconds."""


@dataclass(frozen=True)
class Checkout:
    """A copy of the checkout.

    Args:
        folder: the copy.
        url: the address of a service that runs already.
        environ: variables.
    """

    folder: Path
    url: str
    environ: dict[str, str] = field(default_factory=dict)

    def run(self, commands: str) -> subprocess.CompletedProcess[str]:
        """Run commands like a reader's shell that has followed the document; answer yes."""
        return subprocess.run(
            self._shell(commands.replace(ADDRESS, self.url)),
            cwd=self.folder,
            env=self._variables(API=self.url),
            input="y\n",
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def serve(self, commands: str) -> None:
        """Run commands whose last one serves, wait until it answers, and stop it.

        Raises:
            ServerError: they have ended, or nothing answers.
        """
        port = free_port()
        log = self.folder.parent / "served.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                self._shell(re.sub(r"\b8000\b", str(port), commands)),
                cwd=self.folder,
                env=self._variables(PORT=str(port), FLASK_SERVE_PORT=str(port)),
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            address = f"http://127.0.0.1:{port}/health/live"
            wait_for(process, log, lambda: answers(address), "the commands serve")
        finally:
            with suppress(ProcessLookupError):  # they have ended
                os.killpg(process.pid, signal.SIGTERM)
            process.wait()

    def _shell(self, commands: str) -> list[str]:
        return ["bash", "-eo", "pipefail", "-c", commands]

    def _variables(self, **more: str) -> dict[str, str]:
        path = f"{self.folder}/.venv/bin", os.environ["PATH"], POSTGRESQL
        return {
            **os.environ,
            **self.environ,
            **more,
            "PATH": os.pathsep.join(path),
            "COLUMNS": "100",
        }


def make_checkout(folder: Path) -> None:
    """Make a committed copy, with a `.venv` whose programs belong to it, and a file of customers.

    `make` takes the packages for installed. `pip` looks only whether they are. `sudo` has no more
    rights than the tests.
    """
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(*LEFT_OUT))
    settings = folder / "model" / "training" / "pair_selection.py"
    text = settings.read_text("utf-8")
    for old, new in FEWER.items():
        assert old in text
        text = text.replace(old, new)
    settings.write_text(text, "utf-8")
    (folder / "customers.csv").write_text("\n".join(customers()) + "\n")
    programs = folder / ".venv" / "bin"
    programs.mkdir(parents=True)
    script(programs / "python", f'exec {sys.executable} "$@"')
    script(programs / "pip", f'PIP_DRY_RUN=1 PIP_NO_INDEX=1 exec {sys.executable} -m pip "$@"')
    script(programs / "sudo", 'exec "$@"')
    own = 'cd "$(dirname "$0")/../.."'
    script(programs / "churn", f'{own} && exec {sys.executable} -m app.cli.main "$@"')
    (programs / "activate").write_text('PATH="$PWD/.venv/bin:$PATH"\n')
    (folder / ".venv" / ".stamps").mkdir()
    for name in ("venv", "run", "dev"):
        (folder / ".venv" / ".stamps" / name).touch()
    who = ("-c", "user.name=Service team", "-c", "user.email=service@example.org")
    for command in (
        ["init", "--quiet"],
        ["add", "."],
        ["commit", "--quiet", "-m", "The checkout"],
        ["tag", "v1.1.0"],
        ["remote", "add", "origin", str(folder)],
    ):
        subprocess.run(["git", *who, *command], cwd=folder, check=True, capture_output=True)


def script(file: Path, command: str) -> None:
    """Write a program."""
    file.write_text(f"#!/bin/sh\n{command}\n")
    file.chmod(0o755)


def customers() -> list[str]:
    """A small file of customers: enough with each outcome to train on."""
    lines = ["customer_id,tenure,contract,monthly_charges,churn"]
    for n in range(300):
        tenure, contract = n * 7 % 72, ("Month-to-month", "One year", "Two year")[n % 3]
        left = "yes" if (tenure < 36) != (n % 5 == 0) else "no"
        lines.append(f"c{n},{tenure},{contract},{20 + n * 13 % 97}.5,{left}")
    return lines
