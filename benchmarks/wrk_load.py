"""Servers on one core, load from the other: start, memory, rate and latencies."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
import time
import urllib.request
from dataclasses import dataclass, field
from statistics import median

import psutil

from benchmarks.contenders import LOAD_CORE, ROOT, Contender, running

CONNECTIONS = 8


@dataclass
class Measurement:
    """The measurements of one contender; lists have one figure for each round."""

    start: list[float] = field(default_factory=list)  # seconds to the first answer
    memory: list[float] = field(default_factory=list)  # MB of the largest process
    rate: list[float] = field(default_factory=list)  # requests a second
    p50: list[float] = field(default_factory=list)  # milliseconds
    p99: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)  # microseconds of processor time a request

    def __getitem__(self, name: str) -> float:
        return median(getattr(self, name))


def measure(
    contenders: list[Contender], path: str, body: object, rounds: int, seconds: int
) -> dict[str, Measurement]:
    """Measure each contender once a round, one after the other, so that drift hits all alike.

    Args:
        contenders: the servers.
        path: where the body is posted.
        body: what is posted, as JSON.
        rounds: how often each is started and loaded; medians are reported.
        seconds: of load in each round.
    """
    found = {contender.name: Measurement() for contender in contenders}
    text = json.dumps(body)
    for _ in range(rounds):
        for contender in contenders:
            if contender.path:
                own = json.dumps(contender.body)
                _round(contender, found[contender.name], contender.path, own, seconds)
            else:
                _round(contender, found[contender.name], path, text, seconds)
    return found


def _round(contender: Contender, into: Measurement, path: str, text: str, seconds: int) -> None:
    started = time.perf_counter()
    with running(contender) as (url, process):
        _first_answer(url + path, text, contender.key, process)
        into.start.append(time.perf_counter() - started)
        _wrk(url + path, text, contender.key, 1)  # warm
        before = _processor(process.pid)
        report = _wrk(url + path, text, contender.key, seconds)
        used = _processor(process.pid) - before
        into.memory.append(_memory(process.pid))
    into.cpu.append(used * 1e6 / float(_find(r"(\d+) requests in", report)))
    into.rate.append(float(_find(r"Requests/sec:\s+([\d.]+)", report)))
    into.p50.append(_milliseconds(_find(r"50%\s+([\d.]+\w+)", report)))
    into.p99.append(_milliseconds(_find(r"99%\s+([\d.]+\w+)", report)))


def _first_answer(url: str, text: str, key: str, process: subprocess.Popen[bytes]) -> None:
    headers = {"Content-Type": "application/json"}
    if key:
        headers["Authorization"] = f"Bearer {key}"
    request = urllib.request.Request(url, data=text.encode(), headers=headers)
    deadline = time.monotonic() + 120
    while True:
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                response.read()
            return
        except urllib.error.HTTPError as error:
            raise SystemExit(f"{url} answered {error.code}: {error.read()[:300]!r}") from None
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"the server at {url} did not start") from None
            time.sleep(0.005)


def _wrk(url: str, text: str, key: str, seconds: int) -> str:
    script = ROOT / "benchmarks" / "post.lua"
    with tempfile.NamedTemporaryFile("w") as body:
        body.write(text)
        body.flush()
        done = subprocess.run(
            [
                *("taskset", "-c", LOAD_CORE, "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s"),
                *("--timeout", "20s"),
                *("--latency", "-s", str(script), url),
            ],
            env={**os.environ, "BODY_FILE": body.name, "KEY": key},
            capture_output=True,
            text=True,
            check=True,
        )
    if "Non-2xx" in done.stdout or "Socket errors" in done.stdout:
        raise SystemExit(f"errors under load at {url}:\n{done.stdout}")
    return done.stdout


def _memory(pid: int) -> float:
    """MB of the largest process of a server, the kernel's resident set."""
    return max(member.memory_info().rss for member in _family(pid)) / 1e6


def _processor(pid: int) -> float:
    """Seconds of processor time that a server has used."""
    return sum(sum(member.cpu_times()[:2]) for member in _family(pid))


def _family(pid: int) -> list[psutil.Process]:
    process = psutil.Process(pid)
    return [process, *process.children(recursive=True)]


def _find(pattern: str, text: str) -> str:
    if found := re.search(pattern, text):
        return found[1]
    raise SystemExit(f"wrk's report has no {pattern}:\n{text}")


def _milliseconds(text: str) -> float:
    number = float(text.rstrip("mus"))
    return (
        number / 1000 if text.endswith("us") else number if text.endswith("ms") else number * 1000
    )
