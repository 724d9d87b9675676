"""Without keys only callers on the machine itself are served."""

from __future__ import annotations

import pytest
from flask import Flask
from werkzeug.test import Client, EnvironBuilder

from app.access.guard import local_name, loopback
from app.config import SettingError, Settings
from tests.access.conftest import routes
from tests.apps import listening, make_app
from tests.problems import assert_problem

OUTSIDE = "203.0.113.9"


def status(app: Flask, address: str, **headers: str) -> int:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = app.test_client().get(
        "/models", headers=sent, environ_overrides={"REMOTE_ADDR": address}
    )
    return answer.status_code


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1"])
def test_the_loopback_interface_is_served(app: Flask, address: str) -> None:
    assert loopback(address)
    assert status(app, address) == 200


@pytest.mark.parametrize(
    "address",
    [OUTSIDE, "10.0.0.1", "192.168.1.2", "::ffff:10.0.0.1", "fe80::1", "0.0.0.0", "", "localhost"],
)
def test_nobody_else_is(app: Flask, address: str) -> None:
    assert not loopback(address)
    assert status(app, address) == 401


def test_a_call_within_the_process_is_served(app: Flask) -> None:
    """It has no address at all, as one through a socket file has an empty one."""
    environ = EnvironBuilder("/models").get_environ()
    assert "REMOTE_ADDR" not in environ
    assert Client(app).get("/models").status_code == 200


def test_from_elsewhere_only_probes_answer(app: Flask) -> None:
    client = app.test_client()
    for method, path, scopes in routes(app):
        answer = client.open(path, method=method, environ_overrides={"REMOTE_ADDR": OUTSIDE})
        assert (answer.status_code == 401) == bool(scopes), (method, path)
        if answer.status_code == 401 and method != "HEAD":
            assert_problem(answer, 401, "unauthorized")


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("localhost", True),
        ("LOCALHOST:8000", True),
        ("localhost.", True),
        ("churn.localhost:8000", True),
        ("127.0.0.1:8000", True),
        ("[::1]:8000", True),
        ("[::1]", True),
        ("evil.example:8000", False),
        ("localhost.evil.example", False),
        ("notlocalhost", False),
        ("127.0.0.1.evil.example", False),
        (f"{OUTSIDE}:8000", False),
        ("[::1", False),
        ("", False),
    ],
)
def test_a_name_that_was_made_to_point_here_is_refused(app: Flask, host: str, local: bool) -> None:
    """DNS rebinding: the browser of someone on this machine asks with the attacker's name."""
    assert local_name(host) is local
    assert status(app, "127.0.0.1", Host=host) == (200 if local else 401)


@pytest.mark.parametrize(
    "header", ["X_Forwarded_For", "X_Real_IP", "Forwarded", "X_Forwarded_Host", "X_Forwarded_Proto"]
)
def test_a_spoofed_header_without_a_trusted_proxy_changes_nothing(app: Flask, header: str) -> None:
    assert status(app, "127.0.0.1", **{header: OUTSIDE}) == 200
    assert status(app, OUTSIDE, **{header: "127.0.0.1"}) == 401


def test_an_ignored_header_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    """Who forgot TRUSTED_PROXIES behind a proxy on this machine serves everyone: say so."""
    app = make_app()
    with listening(caplog):
        for _ in range(3):
            status(app, "127.0.0.1", X_Forwarded_For=OUTSIDE)
    (record,) = [r for r in caplog.records if r.name == "app.access.guard"]
    assert "TRUSTED_PROXIES" in record.getMessage()
    assert OUTSIDE not in record.getMessage()


@pytest.mark.parametrize(
    ("proxies", "address", "forwarded", "expected"),
    [
        (1, "127.0.0.1", OUTSIDE, 401),
        (1, "127.0.0.1", "127.0.0.1", 200),
        (1, "127.0.0.1", f"127.0.0.1, {OUTSIDE}", 401),
        (1, "127.0.0.1", f"{OUTSIDE}, 127.0.0.1", 200),
        (2, "127.0.0.1", f"127.0.0.1, {OUTSIDE}, 127.0.0.1", 401),
        (1, OUTSIDE, "127.0.0.1", 401),
        (1, "10.0.0.1", "127.0.0.1", 401),
        (1, "127.0.0.1", "nonsense", 401),
    ],
    ids=[
        "the client's address counts",
        "a local client through a local proxy",
        "what the client itself claims does not count",
        "the last word is the proxy's",
        "two proxies",
        "a header sent past the proxy",
        "a proxy elsewhere has no local clients",
        "no address",
    ],
)
def test_through_trusted_proxies(proxies: int, address: str, forwarded: str, expected: int) -> None:
    app = make_app(trusted_proxies=proxies)
    assert status(app, address, X_Forwarded_For=forwarded) == expected


def test_a_forwarded_name_does_not_excuse_the_one_received() -> None:
    """A rebound page can add headers, but not change its Host."""
    app = make_app(trusted_proxies=1)
    rebound = {"Host": "evil.example", "X_Forwarded_Host": "localhost"}
    assert status(app, "127.0.0.1", X_Forwarded_For="127.0.0.1", **rebound) == 401


@pytest.mark.parametrize("number", ["-1", "one", "1.5", "11", "1,2", "²"])
def test_a_wrong_number_of_proxies_stops_the_start(number: str) -> None:
    with pytest.raises(SettingError, match="TRUSTED_PROXIES is"):
        Settings.from_environment({"TRUSTED_PROXIES": number})
