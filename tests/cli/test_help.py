"""`--help` of every command: whole lines, our own options, an example that works."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from app.cli.main import cli


def commands(command: click.Command, context: click.Context) -> Iterator[click.Context]:
    """The context of a command, and of all below it."""
    yield context
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield from commands(below, click.Context(below, context, name))


ROOT = click.Context(cli, info_name="churn", max_content_width=80, terminal_width=80)
ALL = {found.command_path: found for found in commands(cli, ROOT)}


@pytest.mark.parametrize("path", ALL)
def test_no_line_is_cut(path: str) -> None:
    """In 80 columns, a listing shows each command's whole first sentence."""
    text = ALL[path].get_help()
    assert "..." not in text.partition("Commands:")[2]
    assert all(len(line) <= 80 for line in text.splitlines())


@pytest.mark.parametrize("path", ALL)
def test_every_command_and_option_is_explained(path: str) -> None:
    command = ALL[path].command
    assert command.help
    for option in command.params:
        if isinstance(option, click.Option):
            assert option.help, option.name


def test_flask_s_own_options_are_not_ours() -> None:
    assert cli.params == []


@pytest.mark.parametrize("path", ALL)
def test_the_example_of_each_command_can_be_given(
    path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It belongs to this command, or to one in its group, and click accepts its arguments."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runbooks").mkdir()
    for name in ("customers.csv", "customer.json"):
        (tmp_path / name).touch()
    label, _, example = (ALL[path].command.epilog or "").partition(": ")
    assert label == "Example"
    assert example.startswith(f"{path} ") or example == path
    words = shlex.split(example.partition(" > ")[0])
    name = max((p for p in ALL if words[: len(p.split())] == p.split()), key=len)
    command = ALL[name].command
    assert not isinstance(command, click.Group)
    with command.make_context(name, words[len(name.split()) :], parent=ROOT):
        pass
