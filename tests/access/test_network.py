"""A live server called from another network namespace."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from flask import Flask

from app.access import key_file
from app.access.scopes import SCOPES
from tests.access.conftest import routes
from tests.apps import bearer
from tools.nginx import nginx
from tools.servers import Server, gunicorn, program, unavailable, wait_until

_RANGE = ip_network("198.18.0.0/15")
"""The network that RFC 2544 reserves for tests; each process uses four addresses of it."""

_FIRST = 4 * (os.getpid() % (_RANGE.num_addresses // 4))
HERE, THERE = str(_RANGE[_FIRST + 1]), str(_RANGE[_FIRST + 2])

CLIENT = """
import json, sys
from urllib.error import HTTPError
from urllib.request import Request, urlopen
answers = []
for method, url, headers in json.load(sys.stdin):
    try:
        with urlopen(Request(url, method=method, headers=headers), timeout=120) as answer:
            answers.append(answer.status)
    except HTTPError as error:
        answers.append(error.code)
print(json.dumps(answers))
"""

Call = tuple[str, str, dict[str, str]]


@dataclass
class Elsewhere:
    """Another address of the network."""

    namespace: str

    def statuses(self, port: int, calls: list[Call]) -> list[int]:
        """Call a server from there: method, path and headers of each."""
        sent = [(method, f"http://{HERE}:{port}{path}", headers) for method, path, headers in calls]
        done = subprocess.run(
            ["ip", "netns", "exec", self.namespace, sys.executable, "-c", CLIENT],
            input=json.dumps(sent),
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
        answers: list[int] = json.loads(done.stdout)
        return answers


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Elsewhere]:
    program("ip", "/usr/sbin", "/sbin")
    namespace, cable = f"churn-{os.getpid()}", f"ch{os.getpid()}"

    def ip(*args: str) -> None:
        done = subprocess.run(["ip", *args], capture_output=True, text=True, check=False)
        if done.returncode:
            unavailable(f"no network namespace here (ip {' '.join(args)}: {done.stderr.strip()})")

    ip("netns", "add", namespace)
    try:
        ip("link", "add", cable, "type", "veth", "peer", "name", "far", "netns", namespace)
        ip("address", "add", f"{HERE}/30", "dev", cable)
        ip("link", "set", cable, "up")
        ip("-n", namespace, "address", "add", f"{THERE}/30", "dev", "far")
        ip("-n", namespace, "link", "set", "far", "up")
        yield Elsewhere(namespace)
    finally:
        subprocess.run(["ip", "netns", "delete", namespace], capture_output=True, check=False)


def port_of(server: Server) -> int:
    return int(server.url.rpartition(":")[2])


def local(server: Server, path: str, headers: dict[str, str], body: bytes | None = None) -> int:
    return local_at(port_of(server), path, headers, body)


def local_at(port: int, path: str, headers: dict[str, str], body: bytes | None = None) -> int:
    try:
        asked = Request(f"http://127.0.0.1:{port}{path}", body, headers)
        with urlopen(asked, timeout=120) as answer:
            status: int = answer.status
            return status
    except HTTPError as error:
        error.close()
        return error.code


@pytest.fixture(scope="module")
def keyless(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with gunicorn(tmp_path_factory.mktemp("keyless"), host="0.0.0.0") as server:
        yield server


@pytest.mark.parametrize("claim", [{}, {"X-Forwarded-For": "127.0.0.1", "Host": "localhost"}])
def test_from_elsewhere_without_a_key_only_probes_answer(
    elsewhere: Elsewhere, keyless: Server, app: Flask, claim: dict[str, str]
) -> None:
    """No header makes a caller local."""
    everything = [(method, path, bool(scopes)) for method, path, scopes in routes(app)]
    found = elsewhere.statuses(
        port_of(keyless), [(method, path, claim) for method, path, _ in everything]
    )
    for (method, path, guarded), status in zip(everything, found, strict=True):
        assert (status == 401) == guarded, (method, path, status)


@pytest.mark.parametrize(
    "claim",
    [
        {"X-Forwarded-For": THERE},
        {"X-Forwarded-Proto": "https", "X-Forwarded-Ssl": "on"},
        {"SCRIPT_NAME": "/health", "PATH_INFO": "/health/live"},
        {"Script-Name": "/models", "Remote-Addr": THERE},
    ],
)
def test_a_spoofed_header_without_a_trusted_proxy_changes_nothing(
    keyless: Server, claim: dict[str, str]
) -> None:
    assert local(keyless, "/models", claim) == 200
    assert local(keyless, "/nothing-here", claim) == 404


def test_through_one_trusted_proxy_the_clients_address_counts(
    elsewhere: Elsewhere, tmp_path: Path
) -> None:
    with gunicorn(tmp_path, host="0.0.0.0", TRUSTED_PROXIES="1") as server:
        assert local(server, "/models", {"X-Forwarded-For": THERE}) == 401
        assert local(server, "/models", {"X-Forwarded-For": f"127.0.0.1, {THERE}"}) == 401
        assert local(server, "/health/live", {"X-Forwarded-For": THERE}) == 200
        assert local(server, "/models", {"X-Forwarded-For": "127.0.0.1"}) == 200
        assert local(server, "/models", {}) == 401
        past = {"X-Forwarded-For": "127.0.0.1", "Host": "localhost"}
        calls = [("GET", "/models", past), ("GET", "/health/live", past)]
        assert elsewhere.statuses(port_of(server), calls) == [401, 200]


CLAIMS = [
    {},
    *(
        {"X-Forwarded-For": claim}
        for claim in ('"', '", 8.8.8.8', "127.0.0.1", "127.0.0.1, 127.0.0.1", "", ",", "unknown")
    ),
    {"X-Forwarded-Host": "localhost", "X-Forwarded-Proto": "https"},
    {"X_Forwarded_For": "127.0.0.1"},
    {"X-Real-IP": "127.0.0.1", "Forwarded": "for=127.0.0.1;host=localhost"},
    {"Connection": "close, X-Forwarded-For", "X-Forwarded-For": "127.0.0.1"},
]
"""Headers by which a client may try to pass for a local one."""


@pytest.mark.parametrize("trusted", [1, 2])
def test_through_a_real_proxy_nobody_elsewhere_passes_for_local(
    elsewhere: Elsewhere, tmp_path: Path, trusted: int
) -> None:
    """nginx on the same machine, as the deployment guide sets it up: one, and two in a row.

    A client on this machine is served where as many proxies stand as are trusted; from
    elsewhere nobody is, however many stand there.
    """
    calls: list[Call] = [
        ("GET", path, {"Host": "localhost", **claim})
        for path in ("/customers/at-risk", "/models")
        for claim in CLAIMS
    ]
    with (
        gunicorn(tmp_path, TRUSTED_PROXIES=str(trusted)) as server,
        nginx(tmp_path, server.url, (HERE,), chain=2) as (both, one),
    ):
        for port, passed in ((both, 2), (one, 1)):
            assert elsewhere.statuses(port, calls) == [401] * len(calls), passed
            assert elsewhere.statuses(port, [("GET", "/health/live", {})]) == [200]
            served = 200 if passed == trusted else 401
            assert local_at(port, "/customers/at-risk", {"Host": "localhost"}) == served
            assert local_at(port, "/models", {"Host": "evil.example"}) == 401
            assert local_at(port, "/models", {"X-Forwarded-Host": "evil.example"}) == 401


def test_with_a_key_the_address_does_not_matter(elsewhere: Elsewhere, tmp_path: Path) -> None:
    """Without a proxy's header, even local callers are refused."""
    file = tmp_path / "keys.yaml"
    key = key_file.add(file, "client", ("predict",))
    with gunicorn(tmp_path, host="0.0.0.0", API_KEYS_FILE=str(file)) as server:
        calls: list[Call] = [
            ("GET", "/models", bearer(key)),
            ("GET", "/handbook.json", bearer(key)),
            ("GET", "/models", {}),
            ("GET", "/health/ready", {}),
        ]
        assert elsewhere.statuses(port_of(server), calls)[:3] == [200, 403, 401]
        assert local(server, "/models", {}) == 401
        assert local(server, "/health/live", {}) == 200


def test_the_log_holds_no_key_no_digest_and_no_value(
    tmp_path: Path, churn: Callable[..., Any]
) -> None:
    """Even at level DEBUG, after every kind of refusal and change of the file."""
    file = tmp_path / "keys.yaml"
    keys = {scope: key_file.add(file, f"{scope}-client", (scope,)) for scope in SCOPES}
    environ = {"API_KEYS_FILE": str(file), "LOG_LEVEL": "DEBUG", "RATE_LIMIT": "20/hour"}
    value = 7351.2468
    body = json.dumps({"features": {"tenure": value, "unknown": "secret-value"}}).encode()
    with gunicorn(tmp_path, **environ) as server:

        def post(key: str) -> int:
            sent = {**bearer(key), "Content-Type": "application/json"}
            return local(server, "/predict", sent, body)

        assert post(keys["predict"]) == 422
        assert post(keys["operate"]) == 403
        assert post("churn_unknown-key") == 401
        late = churn(
            "keys", "new", "--name", "late", "--scope", "predict", **environ
        ).stdout.strip()
        assert post(late) == 422
        wait_until(lambda: post(keys["predict"]) == 429, "the limit")
        file.write_text(file.read_text() + "- damaged")
        assert post(keys["operate"]) == 403
        wait_until(lambda: "stay in force" in server.log.read_text(), "the log says so")
    log = server.log.read_text()
    for key in (*keys.values(), late, "churn_unknown-key"):
        assert key not in log
        assert key_file.digest_of(key).hex() not in log
        assert repr(key_file.digest_of(key)) not in log
    assert str(value) not in log
    assert "secret-value" not in log
    assert "Authorization" not in log
