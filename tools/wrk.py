"""wrk: as many requests as a server answers, each connection one after the other."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tools.cores import LOAD_CORE, on_core
from tools.servers import ServerError, program

SCRIPT = Path(__file__).with_name("requests.lua")
MILLISECONDS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}


@dataclass(frozen=True)
class Report:
    """What wrk found: requests a second, and times in milliseconds."""

    requests: int
    rate: float
    p50: float
    p99: float
    slowest: float
    failed: int
    """Answers with another status than 2xx and 3xx, and connections that broke."""


def wrk(
    url: str,
    requests: list[tuple[str, str, object]],
    seconds: int,
    connections: int = 8,
    key: str = "",
) -> Report:
    """Load a server from the other core, and wait for the end.

    Args:
        url: the server's address.
        requests: (method, path, body or None), sent in turn.
        seconds: of load.
        connections: how many, each with one request at a time.
        key: sent with each request, if there is one.

    Raises:
        ServerError: wrk could not run.
    """
    with tempfile.TemporaryDirectory(prefix="churn-wrk-") as folder:
        files = []
        for number, (method, path, body) in enumerate(requests):
            file = Path(folder) / str(number)
            file.write_text(f"{method} {path}\n" + (json.dumps(body) if body else ""))
            files.append(str(file))
        command = [program("wrk"), "-t1", f"-c{connections}", f"-d{seconds}s", "--latency"]
        command += ["--timeout", "20s", "-s", str(SCRIPT), url, "--", *files]
        environ = {**os.environ, **({"KEY": key} if key else {})}
        with on_core(LOAD_CORE):
            done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ServerError(f"wrk: {done.stdout}{done.stderr}")
    return read(done.stdout)


def read(text: str) -> Report:
    """Read what wrk printed.

    Raises:
        ServerError: a figure isn't there.
    """

    def find(pattern: str) -> str:
        if found := re.search(pattern, text):
            return found[1]
        raise ServerError(f"wrk's report has no {pattern}:\n{text}")

    def milliseconds(pattern: str) -> float:
        number, unit = re.fullmatch(r"([\d.]+)(\w+)", find(pattern)).groups()  # type: ignore[union-attr]
        return float(number) * MILLISECONDS[unit]

    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    broken = re.search(r"Socket errors: (.*)", text)
    return Report(
        requests=int(find(r"(\d+) requests in")),
        rate=float(find(r"Requests/sec:\s+([\d.]+)")),
        p50=milliseconds(r"50%\s+([\d.]+\w+)"),
        p99=milliseconds(r"99%\s+([\d.]+\w+)"),
        slowest=milliseconds(r"Latency\s+\S+\s+\S+\s+([\d.]+\w+)"),
        failed=(int(refused[1]) if refused else 0)
        + (sum(map(int, re.findall(r"\d+", broken[1]))) if broken else 0),
    )
