"""Planted lies: each must make the drill fail, at the step where a reader would be misled."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from drills.checkout import git
from drills.drill import Drill
from drills.faults import FAULTS
from drills.faults.service_faults import restart
from drills.soundness import wait_for_soundness
from drills.stack import Stack

SLUG = "model-release-refused"
CAUSE = "cause-1-a-file-was-damaged-or-changed-after-the-release-was-made"
HEADING = "### Cause 1: A file was damaged or changed after the release was made"
SOLUTION = 'git checkout -- "${MODEL_DIR:-model/releases}"\n'
ALERT = "ChurnApiReleaseRefused"
CHECKS = "app/diagnostics/checks/model_checks.py"

PATIENCE = 15.0
"""Seconds until a drill of a lie gives up; without a lie each wait takes a few."""


@dataclass(frozen=True)
class Lie:
    """Something untrue: what it is, the step that it must fail at, and words of the reason."""

    name: str
    plant: Callable[[Stack], AbstractContextManager[None]]
    step: str
    reason: str


@dataclass(frozen=True)
class Caught:
    """What the drill said of a lie, and whether that is the lie's fault."""

    lie: Lie
    why: str

    @property
    def rightly(self) -> bool:
        """Whether the drill failed at the right step for the right reason."""
        return self.why.startswith(f"{self.lie.step}: ") and self.lie.reason in self.why


def tell(stack: Stack) -> Iterator[Caught]:
    """Plant one lie after the other in the checkout, and drill the cause."""
    for lie in LIES:
        wait_for_soundness(stack)
        with lie.plant(stack):
            outcome = Drill(stack, SLUG, CAUSE, FAULTS[SLUG, CAUSE], PATIENCE).run()
        yield Caught(lie, outcome.why or "it passed")


def _rewritten(file: str, old: str, new: str) -> Callable[[Stack], AbstractContextManager[None]]:
    """Replace a text in a file of the checkout, where it occurs first."""

    @contextmanager
    def plant(stack: Stack) -> Iterator[None]:
        path = stack.checkout / file
        text = path.read_text("utf-8")
        if old not in text:
            raise LookupError(f"{file} has no {old!r} to replace")
        path.write_text(text.replace(old, new, 1), "utf-8")
        try:
            yield
        finally:
            git(stack.checkout, "checkout", "-q", "--", file)

    return plant


def _patched(code: str) -> Callable[[Stack], AbstractContextManager[None]]:
    """Add code after the checks of the model."""

    @contextmanager
    def plant(stack: Stack) -> Iterator[None]:
        with (stack.checkout / CHECKS).open("a", encoding="utf-8") as file:
            file.write(code)
        try:
            yield
        finally:
            git(stack.checkout, "checkout", "-q", "--", CHECKS)

    return plant


def _rules(old: str, new: str) -> Callable[[Stack], AbstractContextManager[None]]:
    """Replace a text in the alert's rule."""

    @contextmanager
    def plant(stack: Stack) -> Iterator[None]:
        text = stack.watching.rules.read_text("utf-8")
        before, name, after = text.partition(f"alert: {ALERT}\n")
        stack.watching.replace(before + name + after.replace(old, new, 1))
        try:
            yield
        finally:
            stack.watching.replace(text)

    return plant


@contextmanager
def _renamed(stack: Stack) -> Iterator[None]:
    with _rewritten(f"runbooks/{SLUG}.md", HEADING, "### Cause 1: A broken file")(stack):
        restart(stack)
        yield
    restart(stack)


LIES = [
    Lie(
        "a solution that doesn't fix",
        _rewritten(f"runbooks/{SLUG}.md", SOLUTION, "git status --short\n"),
        "checks clear",
        "model.damaged",
    ),
    Lie(
        "a check that always says yes",
        _patched('GROUP.checks["contract"] = lambda _: CheckResult(False, "always", "never")\n'),
        "sound",
        "model.contract",
    ),
    Lie(
        "a check that says yes under a sibling's fault",
        _patched('GROUP.checks["contract"] = GROUP.checks["damaged"]\n'),
        "checks",
        "model.contract says yes under model.damaged",
    ),
    Lie(
        "an alert with the wrong link",
        _rules(f"/runbooks/{SLUG}", "/runbooks/overdue-reviews"),
        "link",
        "overdue-reviews",
    ),
    Lie("a renamed heading", _renamed, "page", f"no heading #{CAUSE}"),
    Lie(
        "an alert that never clears",
        _rules("for: 2s", "for: 2s\n        keep_firing_for: 1h"),
        "alert ends",
        ALERT,
    ),
    Lie(
        "a command with a typo",
        _rewritten(f"runbooks/{SLUG}.md", SOLUTION, SOLUTION.replace("checkout", "chekout")),
        "solution",
        "chekout",
    ),
]
