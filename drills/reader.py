"""What the reader of a runbook has: its page, its commands, and a shell."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from app.handbook.documents import document_parser
from app.handbook.documents.command_blocks import LANGUAGES
from app.handbook.documents.document_types import Cause, Runbook
from app.handbook.documents.outline import Fence
from app.handbook.documents.source import decode
from drills.stack import Stack

_COMMAND = re.compile(r"`(churn diagnose [^`]+)`")
_ELSEWHERE = re.compile(r"\(([\w-]+)\.md(?:#[\w-]+)?\)")
_KINDS = {"run", "drill"}
_CLUSTER = "needs=cluster"

NOT_TYPED_RIGHT = {2, 126, 127}
"""Exit statuses of a command that can't be run as it is written."""

UNKNOWN = "UNKNOWN"
"""What `churn diagnose` says of a check that hangs; it ends with 2 then, as a mistyped one does."""

MOST_SAID = 200
"""Characters that a failure repeats of what a command said."""

TYPED = "y\n"
"""What the reader answers when a command asks."""


class DrillError(Exception):
    """A drill fails: at which step, and why."""

    def __init__(self, step: str, why: str) -> None:
        super().__init__(f"{step}: {why}")
        self.step = step


@dataclass(frozen=True)
class Told:
    """A cause as its reader sees it: the command of its check, the blocks of its solution."""

    cause: Cause
    check: str
    solution: tuple[str, ...]
    elsewhere: str
    """The runbook whose solution is meant where this one has no command; else empty."""

    @property
    def name(self) -> str:
        """The name of its check or of its group of checks."""
        return self.check.removeprefix("churn diagnose ").strip()


def read(folder: Path, slug: str) -> Runbook:
    """Parse a runbook of a checkout."""
    path = f"runbooks/{slug}.md"
    source = decode((folder / path).read_bytes())
    return cast(Runbook, document_parser.parse("runbook", slug, path, source))


def alerting(folder: Path) -> list[Runbook]:
    """Parse the runbooks of a checkout that name an alert."""
    slugs = sorted(path.stem for path in (folder / "runbooks").glob("*.md"))
    return [runbook for runbook in (read(folder, slug) for slug in slugs) if runbook.alerts]


def told(runbook: Runbook) -> list[Told]:
    """Return the runbook's causes.

    Raises:
        DrillError: one has no check, or neither command nor link in its solution.
    """
    return [_told(runbook, cause) for cause in runbook.causes]


def machine_blocks(runbook: Runbook, fences: Sequence[Fence]) -> Iterator[Fence]:
    """Yield the blocks of commands that are run on a machine, in order."""
    for fence in fences:
        info = runbook.text.lines[fence.line - 1].strip().lstrip("`~").split()
        if fence.language in LANGUAGES and _KINDS & {*info} and _CLUSTER not in info:
            yield fence


def steps(runbook: Runbook) -> list[str]:
    """Return the commands of the investigation."""
    return [
        fence.text
        for step in runbook.steps
        for fence in machine_blocks(runbook, step.section.fences)
    ]


def says_yes(stack: Stack, command: str) -> tuple[bool, str]:
    """Run a check: whether it says that this is the cause, and what it measured.

    Raises:
        DrillError: it can't be run as it is written.
    """
    done = stack.shell(command)
    if done.returncode not in {0, 1} and UNKNOWN not in done.stdout:
        raise DrillError("check", f"`{command}` {ended(done)}")
    return done.returncode == 1, " ".join((done.stdout or done.stderr).split())


def run_steps(stack: Stack, runbook: Runbook) -> None:
    """Run the commands of the investigation; what they find is for the reader's eyes.

    Raises:
        DrillError: one can't be run as it is written.
    """
    for command in steps(runbook):
        done = stack.shell(command, TYPED)
        mistyped = done.returncode in NOT_TYPED_RIGHT and UNKNOWN not in done.stdout
        if mistyped or "Traceback" in done.stderr:
            raise DrillError("investigation", f"`{_line(command)}` {ended(done)}")


def apply(stack: Stack, cause: Told) -> None:
    """Carry out a cause's solution; where it links to another runbook, the one found there.

    Raises:
        DrillError: a command fails, or the other runbook finds nothing.
    """
    if not cause.solution:
        followed = follow(stack, cause)
        if followed is None:
            raise DrillError("solution", f"{cause.elsewhere} finds no cause")
        cause = followed
    for command in cause.solution:
        done = stack.shell(command, TYPED)
        if done.returncode:
            raise DrillError("solution", f"`{_line(command)}` {ended(done)}")


def follow(stack: Stack, cause: Told) -> Told | None:
    """Read the runbook that a solution links to: the first of its causes whose check says yes."""
    for other in told(read(stack.checkout, cause.elsewhere)):
        if says_yes(stack, other.check)[0]:
            return other
    return None


def ended(done: subprocess.CompletedProcess[str]) -> str:
    """Say how a command ended."""
    said = " ".join((done.stderr or done.stdout).split()) or "nothing said"
    return f"ended with {done.returncode}: {said[:MOST_SAID]}"


def _told(runbook: Runbook, cause: Cause) -> Told:
    check, solution = (cause.fields.get(name) for name in ("check", "solution"))
    command = _COMMAND.search(check.value) if check else None
    if command is None or solution is None:
        raise DrillError("page", f"{runbook.slug}, {cause.name}: no check or no solution")
    fences = [fence for fence in cause.section.fences if fence.line > solution.line]
    blocks = tuple(fence.text for fence in machine_blocks(runbook, fences))
    link = _ELSEWHERE.search(solution.value)
    if not blocks and not link:
        raise DrillError("page", f"{runbook.slug}, {cause.name}: a solution without a command")
    return Told(cause, command[1], blocks, link[1] if link else "")


def _line(command: str) -> str:
    return command.strip().splitlines()[0]
