"""An error of `churn` is one line that names it, and an exit status."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from app.config import Settings
from tools.release_copies import copy_release

WRONG = {
    "command": (["modles"], "'modles'"),
    "option": (["customers", "load", "--bogus", "x.csv"], "--bogus"),
    "argument": (["customers", "load"], "FILE"),
    "file": (["customers", "load", "nowhere.csv"], "nowhere.csv"),
    "choice": (["keys", "new", "--name", "x", "--scope", "everything"], "everything"),
    "number": (["cache", "warm", "--most", "many"], "many"),
    "release": (["model", "promote", "9.9.9"], "9.9.9"),
    "folder": (["handbook", "check", "nowhere"], "nowhere"),
}


@pytest.mark.parametrize(("arguments", "named"), WRONG.values(), ids=WRONG)
def test_wrong_usage_is_one_line(
    churn: Callable[..., CompletedProcess[str]], arguments: list[str], named: str
) -> None:
    ended = churn(*arguments)
    (line,) = ended.stderr.splitlines()
    assert (ended.returncode, ended.stdout) == (2, "")
    assert named in line


def test_a_setting_that_cannot_be_used_is_one_line(
    churn: Callable[..., CompletedProcess[str]],
) -> None:
    ended = churn("model", "list", MODEL_DIR="nowhere")
    assert (ended.returncode, ended.stderr.count("\n")) == (2, 1)
    assert "MODEL_DIR" in ended.stderr


@pytest.mark.parametrize("place", ["file/x.sqlite3", "folder", "file"])
def test_a_database_that_cannot_be_made_is_one_line(
    churn: Callable[..., CompletedProcess[str]], tmp_path: Path, place: str
) -> None:
    (tmp_path / "file").write_text("no database" * 100)
    (tmp_path / "folder").mkdir()
    address = f"sqlite:///{tmp_path / place}"
    ended = churn("serve", "--port", "0", DATABASE_URL=address)
    assert (ended.returncode, ended.stderr.count("\n")) == (2, 1), ended.stderr
    assert "DATABASE_URL" in ended.stderr
    ended = churn("database", "upgrade", DATABASE_URL=address)
    assert (ended.returncode, ended.stderr.count("\n")) in ((1, 1), (2, 1)), ended.stderr


def test_help_needs_no_setting(churn: Callable[..., CompletedProcess[str]]) -> None:
    ended = churn("--help", RATE_LIMIT="often", MODEL_DIR="nowhere")
    assert (ended.returncode, ended.stderr) == (0, "")


def test_a_fault_is_one_line_whatever_its_name(
    churn: Callable[..., CompletedProcess[str]], tmp_path: Path
) -> None:
    file = tmp_path / "body.json"
    file.write_text('{"features": {}, "a\\nb": 1}')
    ended = churn("predict", str(file))
    assert ended.returncode == 2
    assert "/a b" in ended.stderr
    assert all(str(file) in line for line in ended.stderr.splitlines())


@pytest.mark.parametrize("host", ["127.0.0.1", "300.1.1.1", "192.0.2.1", "localhost"])
def test_where_it_cannot_listen_is_one_line(
    churn: Callable[..., CompletedProcess[str]], host: str
) -> None:
    """A port in use, and hosts of other machines."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ended = churn("serve", "--host", host, "--port", port)
    assert (ended.returncode, ended.stderr.count("\n")) == (2, 1)
    assert f"cannot listen on {host}:{port}" in ended.stderr


def test_the_log_of_the_service_is_not_the_commands(
    churn: Callable[..., CompletedProcess[str]], tmp_path: Path
) -> None:
    for version in ("1.0.0", "1.1.0"):
        copy_release(Settings().model_dir / "1.0.0", tmp_path / version)
    (tmp_path / "1.1.0" / "scorecard.json").write_text("{}")
    customers = f"sqlite:///{tmp_path}/churn.sqlite3"  # a promotion rescores them
    ended = churn("model", "promote", "1.0.0", MODEL_DIR=str(tmp_path), DATABASE_URL=customers)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_without_a_command_it_says_which_there_are(
    churn: Callable[..., CompletedProcess[str]],
) -> None:
    ended = churn()
    assert ended.returncode == 2
    assert "customers" in ended.stderr
    assert churn("--help").returncode == 0
