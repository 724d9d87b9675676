"""`churn`: what goes wrong is one line that names it, and an exit status."""

from __future__ import annotations

from collections.abc import Callable
from subprocess import CompletedProcess

import pytest

WRONG = {
    "command": (["modles"], "'modles'"),
    "option": (["customers", "load", "--bogus", "x.csv"], "--bogus"),
    "argument": (["customers", "load"], "FILE"),
    "file": (["customers", "load", "nowhere.csv"], "nowhere.csv"),
    "empty file": (["customers", "load", "/dev/null"], "empty"),
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


def test_without_a_command_it_says_which_there_are(
    churn: Callable[..., CompletedProcess[str]],
) -> None:
    ended = churn()
    assert ended.returncode == 2
    assert "customers" in ended.stderr
    assert churn("--help").returncode == 0
