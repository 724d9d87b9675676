"""The key file, the commands that write it, and finding a key in it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import logging
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, NoReturn

import pytest
import yaml
from flask import Flask

from app.access import key_file as keyfile
from app.access.keyring import Keyring
from app.config import SettingError
from tests.apps import bearer, listening, make_app
from tests.problems import assert_problem
from tools.servers import ROOT

DIGEST = "ab" * 32
GOOD = f"- {{name: a, scopes: [predict], sha256: '{DIGEST}', created: 2026-01-31}}\n"


def basic(user: str, password: str) -> dict[str, str]:
    pair = base64.b64encode(f"{user}:{password}".encode()).decode()
    return {"Authorization": f"Basic {pair}"}


def test_a_browser_sends_the_key_as_a_password(keyed: Flask, keys: dict[str, str]) -> None:
    """The user name does not matter; the challenge names Basic, but not to a browser's scripts."""
    client = keyed.test_client()
    assert client.get("/", headers=basic("anyone", keys["handbook"])).status_code == 200
    assert client.get("/", headers=basic("", keys["handbook"])).status_code == 200
    refused = client.get("/")
    assert refused.status_code == 401
    assert refused.headers.getlist("WWW-Authenticate") == [
        'Basic realm="churn", charset="UTF-8"',
        'Bearer realm="churn"',
    ]
    refused = client.get("/search.json?q=x", headers={"Sec-Fetch-Mode": "cors"})
    assert refused.headers.getlist("WWW-Authenticate") == ['Bearer realm="churn"']


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer ",
        "Bearer a=b",
        "Bearer churn_x",
        "Basic",
        "Basic !!!",
        "Basic Og==",
        "Basic YQ==",
        'Digest username="a"',
        "churn_x",
        "Bearer \xe9\xff",
        "Bearer " + "x" * 8000,
    ],
)
def test_anything_else_is_401(keyed: Flask, header: str) -> None:
    answer = keyed.test_client().get("/models", headers={"Authorization": header})
    assert_problem(answer, 401, "unauthorized")


def test_a_key_in_the_wrong_place_is_no_key(keyed: Flask, keys: dict[str, str]) -> None:
    key = keys["predict"]
    client = keyed.test_client()
    assert client.get(f"/models?key={key}").status_code == 401
    assert client.get("/models", headers=basic(key, "")).status_code == 401
    digest = hashlib.sha256(key.encode()).hexdigest()
    assert client.get("/models", headers=bearer(digest)).status_code == 401


def test_every_entry_is_compared_whichever_matches(
    key_file: Path, keys: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each comparison takes constant time, and every key is compared with all entries."""
    compared: list[tuple[bytes, bytes]] = []
    real = hmac.compare_digest

    def counting(a: bytes, b: bytes) -> bool:
        compared.append((a, b))
        return real(a, b)

    ring = Keyring(key_file)
    monkeypatch.setattr("hmac.compare_digest", counting)
    for presented in (*keys.values(), "churn_unknown", ""):
        compared.clear()
        ring.find(presented)
        assert len(compared) == len(keys)
        assert all(len(a) == len(b) == 32 for a, b in compared)


def test_a_new_key_works_and_a_revoked_one_stops_without_a_restart(
    keyed: Flask, key_file: Path, keys: dict[str, str]
) -> None:
    client = keyed.test_client()
    late = keyfile.add(key_file, "late", ("predict",))
    assert client.get("/models", headers=bearer(late)).status_code == 200
    keyfile.revoke(key_file, "late")
    assert client.get("/models", headers=bearer(late)).status_code == 401
    assert client.get("/models", headers=bearer(keys["predict"])).status_code == 200


@pytest.mark.parametrize("damage", ["- {name: a", "", "[1]", None])
def test_a_file_damaged_later_keeps_the_old_keys_and_is_logged_once(
    keyed: Flask,
    key_file: Path,
    keys: dict[str, str],
    caplog: pytest.LogCaptureFixture,
    damage: str | None,
) -> None:
    key_file.unlink() if damage is None else key_file.write_text(damage)
    client = keyed.test_client()
    with listening(caplog):
        for _ in range(3):
            assert client.get("/models", headers=bearer(keys["predict"])).status_code == 200
    (record,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert str(key_file) in record.getMessage()


def test_a_file_of_keys_that_was_only_touched_is_no_change(
    key_file: Path, keys: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    """The log reports changes, and when an invalid file becomes valid."""
    caplog.set_level(logging.INFO, "app")
    keyring, content = Keyring(key_file), key_file.read_bytes()
    with listening(caplog):
        key_file.touch()
        assert keyring.find(keys["predict"])
        assert caplog.messages == []
        key_file.write_text("no list")
        assert keyring.find(keys["predict"])
        key_file.write_bytes(content)
        assert keyring.find(keys["predict"])
    assert [record.levelname for record in caplog.records] == ["ERROR", "INFO"]
    assert caplog.messages[-1] == "read API_KEYS_FILE again: 3 keys"


def test_a_file_that_could_not_be_read_is_read_when_it_can_be(
    keyed: Flask, key_file: Path, keys: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when it is written by another user, and given to the service's only then."""
    client = keyed.test_client()
    keyfile.revoke(key_file, "predict-client")

    def refuse(path: Path) -> NoReturn:
        raise PermissionError(13, "Permission denied", str(path))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", refuse)  # root may read any
        assert client.get("/models", headers=bearer(keys["predict"])).status_code == 200
    key_file.chmod(0o640)
    assert client.get("/models", headers=bearer(keys["predict"])).status_code == 401


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (GOOD + "- {name: b", "line 2: not YAML"),
        (GOOD + "- b\n", "line 2: give name, scopes, sha256, created"),
        (GOOD + GOOD, "line 2: name: there is already a key named a"),
        (GOOD + GOOD.replace("name: a", "name: ../b"), "line 2: name: "),
        ("\n" + GOOD.replace("[predict]", "[admin]"), "line 2: scopes: give a list"),
        (GOOD.replace("[predict]", "[]"), "line 1: scopes"),
        (GOOD.replace("[predict]", "predict"), "line 1: scopes"),
        (GOOD.replace(DIGEST, "churn_secret"), "line 1: sha256: give 64"),
        (GOOD.replace("2026-01-31", "soon"), "line 1: created: give a date"),
        (GOOD.replace("created", "made"), "line 1: give name"),
        ("", "line 1: give a list"),
        ("a: 1", "line 1: give a list"),
        ("\x00", "not YAML"),
        ("- !!timestamp x", "not YAML"),
        ("- !!bool x", "not YAML"),
        ("[" * 5000, "not YAML"),
        (GOOD + GOOD.replace("name: a", "name: b"), "line 2: sha256: a has the same"),
    ],
)
def test_a_damaged_file_stops_the_start_and_names_the_line(
    key_file: Path, text: str, says: str
) -> None:
    key_file.write_text(text)
    with pytest.raises(SettingError) as raised:
        make_app(api_keys_file=key_file)
    message = str(raised.value)
    assert message.startswith(f"API_KEYS_FILE: {key_file}: ")
    assert says in message
    assert "churn_secret" not in message
    assert DIGEST not in message


def test_a_missing_file_stops_the_start(key_file: Path) -> None:
    with pytest.raises(SettingError, match=r"No such file.*churn keys new"):
        make_app(api_keys_file=key_file)


def test_a_file_of_no_keys_admits_nobody(key_file: Path) -> None:
    """With a key file, the loopback rule doesn't apply."""
    key_file.write_text("[]")
    assert make_app(api_keys_file=key_file).test_client().get("/models").status_code == 401


def test_the_command_prints_a_key_once_and_stores_its_digest(churn: Any, key_file: Path) -> None:
    new = ("keys", "new", "--name", "dashboard", "--scope", "predict", "--scope", "handbook")
    done = churn(*new, API_KEYS_FILE=str(key_file))
    assert done.returncode == 0, done.stderr
    key = done.stdout.strip()
    assert key.startswith("churn_")
    assert len(key) == len("churn_") + 43  # 32 bytes
    stored = key_file.read_text()
    assert key not in stored
    (entry,) = yaml.safe_load(stored)
    assert entry["sha256"] == hashlib.sha256(key.encode()).hexdigest()
    assert entry["scopes"] == ["predict", "handbook"]
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600

    again = churn(*new, API_KEYS_FILE=str(key_file))
    assert again.returncode == 2
    assert "there is already a key named dashboard" in again.stderr

    listed = churn("keys", "list", API_KEYS_FILE=str(key_file))
    assert listed.stdout.startswith("dashboard\tpredict,handbook\t20")
    assert entry["sha256"] not in listed.stdout

    assert churn("keys", "revoke", "dashboard", API_KEYS_FILE=str(key_file)).returncode == 0
    assert keyfile.load(key_file) == ()


def test_a_key_that_nobody_saw_is_none(key_file: Path, keys: dict[str, str]) -> None:
    command = [sys.executable, "-m", "app.cli.main", "keys", "new", "--name", "a"]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*command, "--scope", "predict"],
            cwd=ROOT,
            env={**os.environ, "API_KEYS_FILE": str(key_file)},
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.returncode == 2
    assert "a" not in {key.name for key in keyfile.load(key_file)}


@pytest.mark.parametrize(
    ("args", "environ", "says"),
    [
        (("new", "--name", "a", "--scope", "predict"), {}, "API_KEYS_FILE is not set"),
        (("new", "--name", "a", "--scope", "all"), {"API_KEYS_FILE": "/x"}, "'all' is not one of"),
        (("new", "--name", "a"), {"API_KEYS_FILE": "/x"}, "--scope"),
        (("new", "--name", "a b", "--scope", "predict"), {"API_KEYS_FILE": "x.yaml"}, "name: give"),
        (("list",), {"API_KEYS_FILE": "/nowhere/keys"}, "/nowhere/keys: No such file"),
        (("revoke", "a"), {"API_KEYS_FILE": "/nowhere/keys"}, "/nowhere: No such file"),
    ],
)
def test_a_wrong_use_is_one_line_and_status_2(
    churn: Any, args: tuple[str, ...], environ: dict[str, str], says: str
) -> None:
    done = churn("keys", *args, **environ)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert not done.stdout


def test_the_file_is_replaced_whole(key_file: Path, keys: dict[str, str]) -> None:
    """Concurrent writers lose nothing, and no reader sees half a file."""
    names = [f"writer-{i}" for i in range(12)]
    threads = [
        threading.Thread(target=keyfile.add, args=(key_file, name, ("predict",))) for name in names
    ]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        assert len(keyfile.load(key_file)) >= len(keys)
    found = {key.name for key in keyfile.load(key_file)}
    assert found == {*names, *(f"{scope}-client" for scope in keys)}
    assert [*key_file.parent.iterdir()] == [key_file]


def test_the_file_keeps_who_may_read_it(key_file: Path, keys: dict[str, str]) -> None:
    """A service that reads the file by its group notices a revoked key, whoever revoked it."""
    if os.geteuid() == 0:
        os.chown(key_file, 10001, 10002)
    key_file.chmod(0o640)
    before = key_file.stat()
    keyfile.revoke(key_file, "predict-client")
    after = key_file.stat()
    assert after.st_ino != before.st_ino
    assert stat.S_IMODE(after.st_mode) == 0o640
    assert (after.st_uid, after.st_gid) == (before.st_uid, before.st_gid)


def test_an_entry_shows_no_digest() -> None:
    """A key in a log line or traceback gives nothing away."""
    digest = bytes.fromhex(DIGEST)
    shown = repr(keyfile.Key("a", frozenset({"predict"}), digest, None))  # type: ignore[arg-type]
    assert DIGEST not in shown
    assert repr(digest) not in shown
