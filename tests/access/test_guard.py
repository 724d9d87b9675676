"""Without keys, only callers on the same machine are served."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import Client, EnvironBuilder

from app.access.local_callers import local_name, loopback
from app.config import SettingError, Settings
from tests.access.conftest import routes
from tests.apps import bearer, listening, make_app
from tests.prediction_bodies import REQUIRED
from tests.problems import assert_problem

HERE, OUTSIDE = "127.0.0.1", "203.0.113.9"


@pytest.fixture(scope="module")
def behind() -> dict[int, Flask]:
    """Applications with no proxy, one and two."""
    return {proxies: make_app(trusted_proxies=proxies) for proxies in range(3)}


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
    """Such a call has no address; one through a socket file has an empty address."""
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
    """With DNS rebinding, a browser on this machine sends the attacker's name."""
    assert local_name(host) is local
    assert status(app, "127.0.0.1", Host=host) == (200 if local else 401)


@pytest.mark.parametrize(
    "header", ["X_Forwarded_For", "X_Real_IP", "Forwarded", "X_Forwarded_Host", "X_Forwarded_Proto"]
)
def test_a_spoofed_header_without_a_trusted_proxy_changes_nothing(app: Flask, header: str) -> None:
    assert status(app, "127.0.0.1", **{header: OUTSIDE}) == 200
    assert status(app, OUTSIDE, **{header: "127.0.0.1"}) == 401


def test_an_ignored_header_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    """Behind a local proxy without TRUSTED_PROXIES everyone is served, so the log warns."""
    app = make_app()
    with listening(caplog):
        for _ in range(3):
            status(app, "127.0.0.1", X_Forwarded_For=OUTSIDE)
    (record,) = [r for r in caplog.records if r.name == "app.access.guard"]
    assert "TRUSTED_PROXIES" in record.getMessage()
    assert OUTSIDE not in record.getMessage()


@pytest.mark.parametrize("proxies", [0, 1, 2])
@pytest.mark.parametrize(
    ("forwarded", "admitted"),
    [
        (HERE, {1}),
        ("127.8.9.10", {1}),
        ("::1", {1}),
        ("::ffff:127.0.0.1", {1}),
        (f" \t{HERE} ", {1}),
        (f"{HERE}, {HERE}", {2}),
        (f"{HERE},::1", {2}),
        (f"::1 , {HERE}", {2}),
        (f"{HERE}, {HERE}, {HERE}", set()),
        (None, set()),
        ("", set()),
        (" ", set()),
        (",", set()),
        (f",{HERE}", set()),
        (f"{HERE},", set()),
        ('"', set()),
        (f'", {HERE}', set()),
        (f'"{HERE}"', set()),
        (f'"{HERE}, {HERE}"', set()),
        (f"{HERE}\\", set()),
        (f"{HERE}:8000", set()),
        ("[::1]", set()),
        ("[::1]:8000", set()),
        (f"{HERE};{HERE}", set()),
        (f"{HERE} {HERE}", set()),
        (f"for={HERE}", set()),
        ("localhost", set()),
        ("unknown", set()),
        ("_hidden", set()),
        ("127.1", set()),
        ("2130706433", set()),
        ("127.000.000.001", set()),
        ("0x7f.0.0.1", set()),
        (f"{HERE}\x00", set()),
        ("\u0661\u0662\u0667.0.0.1", set()),
        ("\u0661\u0662\u0667.0.0.1".encode().decode("latin-1"), set()),
        (f"{HERE}\xa0", set()),
        (OUTSIDE, set()),
        ("10.0.0.1", set()),
        ("0.0.0.0", set()),
        (f"{HERE}, {OUTSIDE}", set()),
        (f"{OUTSIDE}, {HERE}", set()),
        (f"{HERE}, unknown", set()),
        (f"unknown, {HERE}", set()),
        (f"{HERE}, {OUTSIDE}, {HERE}", set()),
        (f"{HERE}, {HERE}, {OUTSIDE}", set()),
    ],
)
def test_only_as_many_local_addresses_as_proxies_speak_for_a_caller(
    behind: dict[int, Flask], proxies: int, forwarded: str | None, admitted: set[int]
) -> None:
    """Without proxies, forwarded headers have no effect."""
    environ: dict[str, Any] = {"REMOTE_ADDR": HERE}
    if forwarded is not None:
        environ["HTTP_X_FORWARDED_FOR"] = forwarded
    expected = 200 if proxies in {0, *admitted} else 401
    for path in ("/models", "/", "/metrics"):
        answer = behind[proxies].test_client().get(path, environ_overrides=environ)
        assert answer.status_code == expected, path
    scored = (
        behind[proxies]
        .test_client()
        .post("/predict", json={"features": REQUIRED}, environ_overrides=environ)
    )
    assert scored.status_code == expected


@pytest.mark.parametrize("address", [OUTSIDE, "10.0.0.1", ""])
def test_a_proxy_elsewhere_has_no_local_clients(behind: dict[int, Flask], address: str) -> None:
    """A header sent directly to the service gives no access."""
    for proxies, app in behind.items():
        assert status(app, address, X_Forwarded_For=", ".join([HERE] * max(1, proxies))) == 401


def test_a_call_within_the_process_is_served_behind_proxies_too(behind: dict[int, Flask]) -> None:
    for app in behind.values():
        assert Client(app).get("/models").status_code == 200


def test_a_refusal_behind_proxies_says_what_would_be_right(behind: dict[int, Flask]) -> None:
    answer = behind[2].test_client().get("/models", environ_overrides={"REMOTE_ADDR": HERE})
    assert "2 local addresses in X-Forwarded-For" in answer.get_json()["detail"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("localhost", 200),
        ("127.0.0.1:8443", 200),
        ("localhost, 127.0.0.1", 200),
        ("evil.example", 401),
        ("localhost, evil.example", 401),
        ("evil.example, localhost", 401),
        ("", 401),
        ('"', 401),
    ],
)
def test_a_forwarded_name_can_only_refuse(
    behind: dict[int, Flask], name: str, expected: int
) -> None:
    """A rebound page can add headers, but not change its Host."""
    sent = {"X_Forwarded_For": HERE, "X_Forwarded_Host": name}
    assert status(behind[1], HERE, **sent) == expected
    assert status(behind[1], HERE, Host="evil.example", **sent) == 401
    assert status(behind[0], HERE, **sent) == 200


@pytest.mark.parametrize("proxies", [0, 1, 2])
def test_what_a_client_says_of_name_and_scheme_is_in_no_answer(
    key_file: Path, keys: dict[str, str], proxies: int
) -> None:
    """Clients can't change redirects or commands that people copy."""
    said = {
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "gopher",
        "X-Forwarded-Port": "666",
        "X-Forwarded-Prefix": "/evil",
        "Forwarded": "for=127.0.0.1;host=evil.example;proto=gopher",
    }
    app = make_app(trusted_proxies=proxies, api_keys_file=key_file)
    client = app.test_client()
    for path in ("/", "/openapi.json", "/docs", "/guides//onboarding"):
        answer = client.get(path, headers=said | bearer(keys["handbook"]))
        assert answer.status_code in (200, 308)
        text = answer.get_data(as_text=True) + str(answer.headers)
        assert "evil" not in text
        assert "gopher" not in text
    assert answer.headers["Location"] == "/guides/onboarding"


@pytest.mark.parametrize("number", ["-1", "one", "1.5", "11", "1,2", "²"])
def test_a_wrong_number_of_proxies_stops_the_start(number: str) -> None:
    with pytest.raises(SettingError, match="TRUSTED_PROXIES is"):
        Settings.from_environment({"TRUSTED_PROXIES": number})
