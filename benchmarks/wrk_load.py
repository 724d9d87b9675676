"""Servers on one core, load from the other: start, memory, rate and latencies."""

from __future__ import annotations

import json
import subprocess
import time
import urllib.error
import urllib.request

import psutil

from benchmarks.contenders import Contender, running
from benchmarks.measurement import Measurement
from tools.wrk import Report, wrk

WARM_SECONDS = 4
"""Seconds of load before any is measured: what a server makes beside the first requests is made."""


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
    for _ in range(rounds):
        for contender in contenders:
            at, what = contender.path or path, contender.body or body
            _round(contender, found[contender.name], at, what, seconds)
    return found


def warm(url: str, contender: Contender, path: str, body: object) -> None:
    """Load a server for some seconds that count for nothing."""
    load(url, contender, path, body, WARM_SECONDS)


def load(url: str, contender: Contender, path: str, body: object, seconds: int) -> Report:
    """Load a server; ends the program if a request fails."""
    report = wrk(url, [("POST", path, body)], seconds, key=contender.key)
    if report.failed:
        raise SystemExit(f"{contender.name}: {report.failed} requests failed under load")
    return report


def first_answer(
    url: str, contender: Contender, body: object, process: subprocess.Popen[bytes]
) -> None:
    """Wait for a server's first answer; ends the program if it is none."""
    headers = {"Content-Type": "application/json"}
    if contender.key:
        headers["Authorization"] = f"Bearer {contender.key}"
    request = urllib.request.Request(url, data=json.dumps(body).encode(), headers=headers)
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


def _round(contender: Contender, into: Measurement, path: str, body: object, seconds: int) -> None:
    started = time.perf_counter()
    with running(contender) as (url, process):
        first_answer(url + path, contender, body, process)
        into.start.append(time.perf_counter() - started)
        warm(url, contender, path, body)
        before = _processor(process.pid)
        report = load(url, contender, path, body, seconds)
        used = _processor(process.pid) - before
        members = [process.memory_full_info() for process in _family(process.pid)]
    into.memory.append(max(member.rss for member in members) / 1e6)
    into.pss.append(sum(member.pss for member in members) / 1e6)
    into.cpu.append(used * 1e6 / report.requests)
    into.rate.append(report.rate)
    into.p50.append(report.p50)
    into.p99.append(report.p99)


def _processor(pid: int) -> float:
    """Seconds of processor time that a server has used."""
    return sum(sum(member.cpu_times()[:2]) for member in _family(pid))


def _family(pid: int) -> list[psutil.Process]:
    process = psutil.Process(pid)
    return [process, *process.children(recursive=True)]
