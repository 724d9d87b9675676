"""The commands that documents show do run, and print what is shown.

Each chain of blocks runs in a copy of the checkout, against a service of the tests.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.handbook.documents import command_blocks
from app.handbook.documents.command_blocks import CommandBlock
from app.handbook.documents.document_text import DocumentText
from app.handbook.documents.source import decode
from tests.checkouts import ADDRESS, Checkout, make_checkout
from tools.databases import postgresql, redis_server
from tools.ports import free_port
from tools.servers import ROOT, ServerError, fetch, gunicorn, unavailable

DOCUMENTS = [
    path
    for pattern in ("README.md", "CONTRIBUTING.md", "guides/*.md", "runbooks/*.md")
    for path in sorted(ROOT.glob(pattern))
]
CI = {
    line.partition(" 2>&1 | tee ")[0]
    for line in (ROOT / ".ci" / "run").read_text("utf-8").splitlines()
}
"""What CI itself runs, which no test needs to run again."""


@dataclass
class Chain:
    """A block with `run`, and those that continue where it ran."""

    name: str
    blocks: list[CommandBlock]

    @property
    def needs(self) -> set[str]:
        """What its blocks need."""
        return {need for block in self.blocks for need in block.marks.needs}

    @property
    def commands(self) -> tuple[str, ...]:
        """Those of each block."""
        return tuple(block.commands for block in self.blocks)


def found(path: Path) -> list[CommandBlock]:
    return command_blocks.find(DocumentText(decode(path.read_bytes())))


def chains() -> list[Chain]:
    """Each chain of each document; commands with which another chain begins are run once."""
    made: list[Chain] = []
    for path in DOCUMENTS:
        for block in found(path):
            if block.proof != "run" or set(block.commands.splitlines()) <= CI:
                continue
            if "continues" in block.marks.words:
                made[-1].blocks.append(block)
            else:
                made.append(Chain(f"{path.relative_to(ROOT)}:{block.line}", [block]))
    made.sort(key=lambda chain: len(chain.blocks), reverse=True)
    run: dict[tuple[str, ...], Chain] = {}
    for chain in made:
        begun = chain.commands
        if not any(commands[: len(begun)] == begun for commands in run):
            run[begun] = chain
    return list(run.values())


CHAINS = chains()


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("checkout") / "churn"
    make_checkout(folder)
    return folder


@pytest.fixture(scope="module")
def environ(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A database of their own: some load customers."""
    return {"DATABASE_URL": f"sqlite:///{tmp_path_factory.mktemp('customers')}/churn.sqlite3"}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory, environ: dict[str, str]) -> Iterator[str]:
    with gunicorn(tmp_path_factory.mktemp("log"), **environ) as server:
        fetch(f"{server.url}/models")  # without requests, the service has no figures
        yield server.url


@pytest.fixture
def checkout(template: Path, url: str, environ: dict[str, str], tmp_path: Path) -> Checkout:
    shutil.copytree(template, tmp_path / "churn")
    return Checkout(tmp_path / "churn", url, dict(environ))


@pytest.mark.parametrize("chain", CHAINS, ids=lambda chain: chain.name)
def test_commands_run_and_print_what_is_shown(
    checkout: Checkout, chain: Chain, tmp_path: Path
) -> None:
    with ExitStack() as servers:
        provide(chain.needs, servers, checkout, tmp_path)
        for block in chain.blocks:
            if "serves" in block.marks.words:
                checkout.serve(block.commands)
                continue
            done = checkout.run(block.commands)
            assert done.returncode == 0, done.stdout + done.stderr
            if block.output is not None:
                printed = done.stdout.replace(checkout.url, ADDRESS)
                shown = block.output
                assert command_blocks.is_as_shown(printed, shown, block.output_language), printed


def provide(needs: set[str], servers: ExitStack, checkout: Checkout, folder: Path) -> None:
    """Start what blocks need: a database with customers, an empty cache; refuse unknown needs."""
    for need in needs:
        if need == "postgresql":
            cluster = servers.enter_context(postgresql())
            checkout.environ["DATABASE_URL"] = cluster.new()
            load = "churn database upgrade && churn customers load model/sample_customers.csv"
            assert checkout.run(load).returncode == 0
        elif need == "redis":
            port = free_port()
            servers.enter_context(redis_server(folder, port))
            checkout.environ["CACHE_URL"] = f"redis://127.0.0.1:{port}/0"
        elif need == "root":
            if os.geteuid() != 0:
                unavailable("not root")
        else:
            raise AssertionError(f"nothing here provides {need}")


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_every_block_is_proven(path: Path) -> None:
    """By the tests, by a drill, or by client and manifests; README and CONTRIBUTING, too."""
    unproven = [block.line for block in found(path) if not block.proof or block.marks.unknown]
    assert unproven == []


@pytest.mark.parametrize(
    ("commands", "status"),
    [("true", 0), ("false\ntrue", 1), ("false | true", 1), ("nonesuch", 127)],
    ids=["good", "first-line", "in-a-pipe", "missing"],
)
def test_a_command_that_fails_is_noticed(checkout: Checkout, commands: str, status: int) -> None:
    assert checkout.run(commands).returncode == status


def test_commands_that_should_serve_but_end_are_noticed(checkout: Checkout) -> None:
    with pytest.raises(ServerError, match="no such"):
        checkout.serve("echo no such command; exit 1")


def test_a_package_that_is_missing_is_noticed(checkout: Checkout) -> None:
    done = checkout.run(".venv/bin/pip install --quiet no-such-package-here==1.0")
    assert done.returncode != 0


def test_what_ci_runs_is_shown_and_is_not_run_again() -> None:
    assert {"make check", "make test", "make versions", "make image"} <= CI
    shown = {line for path in DOCUMENTS for block in found(path) for line in lines_of(block)}
    assert {"make check", "make test"} <= shown
    assert not any(set(lines_of(block)) & CI for chain in CHAINS for block in chain.blocks)


def lines_of(block: CommandBlock) -> list[str]:
    return block.commands.splitlines()


def test_something_is_run() -> None:
    assert {chain.name.partition("/")[0] for chain in CHAINS} >= {"guides", "runbooks"}
