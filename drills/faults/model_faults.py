"""Faults of the model's releases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from app.releases.serving_pointer import NAME, Pointer, write
from drills.checkout import git
from drills.faults.fault import DOWN, Fault
from drills.faults.service_faults import restart
from drills.stack import Stack
from tools.release_copies import change_contract, change_scorecard, copy_release

SERVING, NEW = "1.2.0", "1.3.0"


@contextmanager
def releases_restored(stack: Stack) -> Iterator[None]:
    """Put the releases back as they were committed, at the end of the block."""
    try:
        yield
    finally:
        git(stack.checkout, "checkout", "-q", "--", "model/releases")
        git(stack.checkout, "clean", "-qfd", "model/releases")


@contextmanager
def damaged(stack: Stack) -> Iterator[None]:
    """Change a byte of the release that serves."""
    with releases_restored(stack):
        _change_a_byte(stack.releases / SERVING / "scorecard.json")
        yield


@contextmanager
def edited_contract(stack: Stack) -> Iterator[None]:
    """Edit the feature contract of a release, without training on it."""
    with releases_restored(stack):
        file = stack.releases / SERVING / "features.yaml"
        text = file.read_text("utf-8")
        changed = text.replace("required: true", "required: false", 1)
        if changed == text:
            raise LookupError("features.yaml has no required feature")
        file.write_text(changed, "utf-8")
        yield


@contextmanager
def other_scores(stack: Stack) -> Iterator[None]:
    """Promote a release whose digests are right, and whose stored scores aren't its own."""

    def change(scorecard: dict[str, Any]) -> None:
        scorecard["selftest"][0]["log_odds"] += 0.1

    with releases_restored(stack):
        _new_release(stack, lambda path: change_scorecard(path, change))
        write(stack.releases, Pointer(NEW, SERVING))  # the command would refuse it
        yield


@contextmanager
def damaged_pointer(stack: Stack) -> Iterator[None]:
    """Write nonsense into the file that says which release serves."""
    with releases_restored(stack):
        (stack.releases / NAME).write_text("nonsense\n")
        yield


@contextmanager
def other_contract(stack: Stack) -> Iterator[None]:
    """Promote a release that was trained on another contract."""

    def change(features: dict[str, Any]) -> None:
        features["tenure"]["maximum"] += 12

    stack.traffic.same_scores(NEW, SERVING)
    with releases_restored(stack):
        _new_release(stack, lambda path: change_contract(path, change))
        stack.succeeds(f"churn model promote {NEW}")
        yield
    restart(stack)
    stack.succeeds("churn customers score")


@contextmanager
def none_sound(stack: Stack) -> Iterator[None]:
    """Damage every release, and restart the service."""
    with releases_restored(stack):
        for scorecard in stack.releases.glob("*/scorecard.json"):
            _change_a_byte(scorecard)
        restart(stack)
        yield


def _new_release(stack: Stack, change: Callable[[Path], object]) -> None:
    """Make a release like the one that serves, and change it before anyone reads it."""
    made = stack.folder / NEW
    copy_release(stack.releases / SERVING, made)
    change(made)
    made.rename(stack.releases / NEW)


def _change_a_byte(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


_ALERT = "ChurnApiReleaseRefused"
DAMAGED = Fault("a byte of scorecard.json changed", _ALERT, "model.damaged", damaged)
CONTRACT = Fault("a release's features.yaml edited", _ALERT, "model.contract", edited_contract)
SELFTEST = Fault(
    "a release promoted whose stored scores differ", _ALERT, "model.selftest", other_scores
)
POINTER = Fault("serving.json damaged", _ALERT, "model.pointer", damaged_pointer)
WAITING = Fault(
    "a release with another feature contract promoted",
    "ChurnApiReleaseWaiting",
    "model.waiting",
    other_contract,
    DOWN | {409},
)
NONE_SOUND = Fault(
    "every release damaged, and a restart",
    "ChurnApiHighErrorRate",
    "model.serving",
    none_sound,
    DOWN,
    also=frozenset({"model.damaged"}),
)
