"""`churn logs` on lines that the service wrote."""

from __future__ import annotations

import json
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import IO, Any, cast

import pytest
from click.testing import CliRunner
from flask import Flask

from app.cli.logs import logs
from app.observability import request_log
from app.observability.log_search import LONGEST_LINE
from tests.apps import make_app
from tools.servers import ROOT, Server, fetch

_READER = re.compile(
    r"^\s*(?:kubectl logs|kubectl -n \S+ logs|journalctl|docker(?: compose)? logs)\b"
)
_PART = re.compile(r"\s*(head|tail) -n \d+")
"""Takes some lines, and looks into none of them."""

COMMAND = [sys.executable, "-m", "app.cli.main", "logs"]


def searches() -> Iterator[tuple[str, str]]:
    """Each search of the log in the documents: its document, and the command."""
    for path in [ROOT / "README.md", *ROOT.glob("runbooks/*.md"), *ROOT.glob("guides/*.md")]:
        text = re.sub(r"\\\n\s*", "", path.read_text("utf-8"))
        for line in text.splitlines():
            if _READER.match(line) and "|" in line:
                command = line.split("|")[1]
                if not _PART.match(command):
                    yield path.stem, command


def search(log: str | bytes, *options: str) -> list[str]:
    """The lines that are found, in the form for people."""
    done = CliRunner().invoke(logs, options, input=log, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout.splitlines()


def lines(log: str, *options: str) -> list[dict[str, Any]]:
    """The lines that are found, as JSON."""
    return [json.loads(line) for line in search(log, *options, "--json")]


@pytest.fixture(scope="module")
def failing() -> Flask:
    """The service with a view that fails."""
    app = make_app()
    view = "health.live"
    assert view in app.view_functions

    def fail() -> None:
        raise RuntimeError("the planted fault\x1b[2J")

    app.view_functions[view] = fail
    app.testing = False
    app.config["PROPAGATE_EXCEPTIONS"] = False
    return app


@pytest.fixture
def log(
    failing: Flask, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., str]:
    """Log requests that took the given milliseconds by a patched clock."""

    def write(*requests: tuple[str, float]) -> str:
        client = failing.test_client()
        capfd.readouterr()
        for number, (path, milliseconds) in enumerate(requests):
            ticks = iter((0.0, milliseconds / 1000))
            monkeypatch.setattr(request_log, "perf_counter", lambda ticks=ticks: next(ticks))
            client.get(path, headers={"X-Request-ID": f"request-{number}"})
        return capfd.readouterr().err

    return write


def test_the_documents_search_the_log_with_this_command(log: Callable[..., str]) -> None:
    """Each search runs, and finds something in a log that has slow and failed requests."""
    found = list(searches())
    assert found
    written = log(("/health/live", 4321.5), ("/models", 123.0))
    for place, command in found:
        assert shlex.split(command)[:2] == ["churn", "logs"], f"{place}: {command}"
        options = shlex.split(command)[2:]
        if "--request" in options:
            options[options.index("--request") + 1] = "request-0"
        assert search(written, *options), f"{place}: {command}"


def test_slow_requests_are_found_and_no_others(log: Callable[..., str]) -> None:
    written = log(("/models", 3.2), ("/models", 123.0), ("/models", 99.999), ("/models", 4321.5))
    for length, expected in {"100ms": [123.0, 4321.5], "4.3s": [4321.5], "2h": []}.items():
        found = lines(written, "--slower", length)
        assert [line["process_time_ms"] for line in found] == expected


def test_failed_requests_are_found_with_their_reason(log: Callable[..., str]) -> None:
    written = log(("/models", 1.0), ("/nowhere", 1.0), ("/health/live", 1.0), ("/models", 500.0))
    reason, failed = lines(written, "--status", "5xx")
    assert "the planted fault" in reason["traceback"]
    assert failed["status"] == 500
    assert lines(written, "--request", "request-2") == [reason, failed]
    assert [line["status"] for line in lines(written, "--status", "404")] == [404]
    assert [line.get("status") for line in lines(written, "--status", "404,5xx")] == [
        404,
        None,
        500,
    ]
    assert lines(written, "--status", "5xx", "--slower", "2ms") == []
    assert lines(written, "--status", "200", "--slower", "2ms", "--request", "request-0") == []


def test_lines_are_found_by_their_own_time(log: Callable[..., str]) -> None:
    """A time without an offset is in UTC, as the log is."""
    now = log(("/models", 1.0))
    old = now.replace(json.loads(now)["time"][:10], "2020-02-03")
    assert len(search(old + now)) == 2
    for since in ("15m", "2h", "2020-02-04", "2020-02-04T00:00:00+01:00"):
        assert search(old + now, "--since", since) == search(now), since
    assert len(search(old + now, "--since", "2020-02-03T00:00:00Z")) == 2


def test_the_form_for_people_has_one_line_for_a_request(log: Callable[..., str]) -> None:
    """Control characters are escaped."""
    first, *reason, last = search(log(("/models", 12.0), ("/health/live", 4321.5)))
    assert re.match(r"\S{10} \S{12}  200  +12\.0 ms  GET /models  request-0", first)
    assert re.match(r"\S{10} \S{12}  500  +4321\.5 ms  GET /health/live  request-1", last)
    assert "RuntimeError: the planted fault\\x1b[2J" in reason[-1]


PREFIXES = [
    "Nov 29 03:12:08 host churn[4711]: ",
    "2026-11-29T03:12:08.123456789Z ",
    "[pod/churn-api-5d9c-x2x/api] ",
    "api-1  | ",
    "\ufeff",
]


@pytest.mark.parametrize("prefix", PREFIXES)
def test_what_others_put_before_a_line_does_no_harm(log: Callable[..., str], prefix: str) -> None:
    written = log(("/nowhere", 1.0))
    assert lines(prefix + written, "--status", "404") == [json.loads(written)]


FOREIGN = {
    "text": b"[2026-11-29 03:12:08 +0000] [7] [INFO] Booting worker\n",
    "half a line": b'{"time":"2026-11-29T03:12:08.123+00:00","level":"INF\n',
    "other JSON": b'{"msg":"x"}\n[1]\n{"time":1,"level":"INFO"}\n',
    "deep": b'{"a":' + b"[" * 100_000 + b"\n",
    "bytes": b'\xff\xfe{"\x80\n',
    "huge": b'{"' + b"x" * (3 * LONGEST_LINE) + b"\n",
    "no time": b'{"time":"soon","level":"INFO","status":true}\n',
    "far time": b'{"time":"0001-01-01T00:00:00+23:00","level":"INFO","status":500}\n',
    "numbers": b'{"time":"","level":"","status":500,"process_time_ms":"1","x_ms":NaN}\n',
    "surrogate": b'{"time":"","level":"","status":500,"path":"\\ud800"}\n',
    "cut at the end": b'{"time":"2026-',
}


@pytest.mark.parametrize("foreign", FOREIGN.values(), ids=FOREIGN)
@pytest.mark.parametrize(
    "options", [[], ["--json"], ["--slower", "1ms"], ["--since", "1h"]], ids=" ".join
)
def test_other_lines_are_passed_over(
    log: Callable[..., str], foreign: bytes, options: list[str]
) -> None:
    written = log(("/nowhere", 5.0)).encode()
    assert any("/nowhere" in line for line in search(written + foreign, *options))
    assert any("/nowhere" in line for line in search(foreign + b"\n" + written, *options))


@pytest.mark.parametrize(
    "options",
    [
        ["--slower", "5"],
        ["--status", "600"],
        ["--status", ""],
        ["--since", "soon"],
        ["--since", "9" * 400 + "d"],
    ],
    ids=lambda options: options[0],
)
def test_wrong_usage_is_one_line(options: list[str]) -> None:
    done = CliRunner().invoke(logs, options, input="")
    assert done.exit_code == 2
    assert "write" in done.stderr


def test_a_running_server_s_log_is_followed(server: Server) -> None:
    """A line is shown while the log goes on; Ctrl-C ends quietly."""
    fetch(f"{server.url}/nowhere", **{"X-Request-ID": "followed"})
    with subprocess.Popen(
        ["tail", "-n", "+1", "-f", str(server.log)], stdout=subprocess.PIPE
    ) as tail:
        with subprocess.Popen(
            # Where the tests run in the background, children would ignore it.
            ["env", "--default-signal=INT", *COMMAND, "--request", "followed"],
            cwd=ROOT,
            stdin=tail.stdout,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as search:
            shown = cast("IO[bytes]", search.stdout).readline()
            search.send_signal(signal.SIGINT)
            _, errors = search.communicate(timeout=60)
        tail.kill()
    assert b"  404  " in shown
    assert (search.returncode, errors) == (0, b"")


def test_a_reader_that_has_enough_ends_it_quietly(log: Callable[..., str]) -> None:
    script = f"{shlex.join(COMMAND)} | head -n 1"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", script],
        cwd=ROOT,
        input=log(("/nowhere", 1.0)) * 20_000,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr, done.stdout.count("\n")) == (0, "", 1)
