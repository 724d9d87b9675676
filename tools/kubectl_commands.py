"""Run a document's kubectl commands against the stand-in of a cluster, and say what is wrong.

kubectl itself says which verbs and flags it doesn't know. What it passes over in silence is found
here: a selector that matches nothing, a name that isn't there, a failure inside a pipe.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

from tools.api_server import ApiServer
from tools.api_server_cluster import Cluster
from tools.api_server_references import dangling
from tools.servers import PATIENCE_SECONDS, program

BROKEN_PIPE = 128 + signal.SIGPIPE
"""The status of a command whose reader has read enough."""

_DOUBTS = re.compile(
    r"^(?:warning:|error:|No \w+ found|Flag .* deprecated|.* does not have any )", re.M
)
"""What kubectl passes over with status 0."""

_RECORDER = """\
#!/bin/bash
# Runs kubectl, and notes how it was called, what it said and how it ended.
call=$(mktemp -d -p "$KUBECTL_CALLS")
{program} "$@" 2> "$call/said"
status=$?
cat "$call/said" >&2
printf '%s' "kubectl $*" > "$call/words"
printf '%s' "$status" > "$call/status"
exit "$status"
"""


@dataclass(frozen=True)
class Shell:
    """A reader's shell at the root of a checkout, whose kubectl talks to the stand-in.

    Args:
        server: the stand-in.
        checkout: the folder in which commands run; they may write there.
        folder: for kubectl's configuration, its cache and the notes of its calls.
        environ: variables, `PATH` among them.
    """

    server: ApiServer
    checkout: Path
    folder: Path
    environ: dict[str, str]

    def prepare(self, kubectl: str) -> None:
        """Write kubectl's configuration, and the program that notes each call of it."""
        (self.folder / "bin").mkdir()
        recorder = self.folder / "bin" / "kubectl"
        recorder.write_text(_RECORDER.format(program=shlex.quote(kubectl)))
        recorder.chmod(0o755)
        named = {"cluster": "stand-in", "user": "reader"}
        made = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "stand-in", "cluster": {"server": self.server.url}}],
            "users": [{"name": "reader", "user": {}}],
            "contexts": [{"name": "stand-in", "context": named}],
            "current-context": "stand-in",
        }
        (self.folder / "config").write_text(json.dumps(made))

    def findings(self, commands: str, cluster: Cluster, typed: str = "") -> list[str]:
        """Run commands on a cluster, which they change, and return what is wrong with them.

        Args:
            commands: a block of a document.
            cluster: what the stand-in holds meanwhile.
            typed: what the reader types into a shell that the commands open.
        """
        self.server.cluster = cluster
        cluster.missed.clear()
        before = self.server.requests
        calls = Path(mkdtemp(prefix="calls-", dir=self.folder))
        status, said = self._run(commands, calls, typed)
        found = [] if status == 0 else [f"exit status {status}: {said.strip()}"]
        found += [f"there is no {' '.join(filter(None, key))}" for key in _absent(cluster)]
        found += [*_complaints(calls), *dangling(cluster)]
        if self.server.requests == before:
            found.append("no command asked the cluster for an object")
        return found

    def _run(self, commands: str, calls: Path, typed: str) -> tuple[int, str]:
        environ = {
            **os.environ,
            **self.environ,
            "PATH": f"{self.folder}/bin:{self.environ['PATH']}",
            "KUBECONFIG": str(self.folder / "config"),
            "KUBECACHEDIR": str(self.folder / "cache"),
            "KUBECTL_CALLS": str(calls),
        }
        output = calls / "output"
        with output.open("wb") as file:
            process = subprocess.Popen(
                [program("bash"), "-e", "-c", commands],
                cwd=self.checkout,
                env=environ,
                stdin=subprocess.PIPE,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            try:
                process.communicate(typed.encode(), PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                return (
                    -1,
                    f"not done within {PATIENCE_SECONDS} s\n{output.read_text(errors='replace')}",
                )
            finally:
                with suppress(ProcessLookupError):  # nothing runs on in the background
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        return process.returncode, output.read_text(errors="replace")


def _absent(cluster: Cluster) -> list[tuple[str, str, str]]:
    """What was asked for, and neither existed before nor afterwards."""
    missed = [key for key in dict.fromkeys(cluster.missed) if key not in cluster.gone]
    return [key for key in missed if cluster.get(*key) is None]


def _complaints(calls: Path) -> Iterator[str]:
    for call in sorted(path for path in calls.iterdir() if path.is_dir()):
        if not (call / "status").is_file():
            continue  # it ran in the background until the end
        words, said = (call / "words").read_text(), (call / "said").read_text(errors="replace")
        status = int((call / "status").read_text())
        if status not in (0, BROKEN_PIPE) or _DOUBTS.search(said):
            yield f"{words}: exit status {status}: {said.strip()}"
