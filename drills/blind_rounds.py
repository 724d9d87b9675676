"""Blind rounds: a fault is drawn, and a reader who has only alerts, pages and checks names it."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from drills import reader
from drills.blind_draws import Key, draw
from drills.faults import FAULTS
from drills.reader import DrillError, Told
from drills.soundness import mend, tidy, wait_for_soundness
from drills.stack import Stack

PATIENCE = 120.0
"""Seconds until a reader gives up."""

QUIET = 25.0
"""Seconds without another alert, after which the reader has read all of them, or where there is no
fault; the slowest alert takes less."""


@dataclass
class Round:
    """A blind round: what was drawn, and what the reader made of it."""

    drawn: list[Key]
    checks: set[str]
    """The checks that name what was drawn."""

    also: set[str]
    """Checks that may say yes too."""

    named: dict[str, tuple[str, Told]] = field(default_factory=dict)
    """The causes that the reader names, with their runbooks, by check."""

    alert: str = ""
    """The first alert that was read."""

    detect: float | None = None
    diagnose: float | None = None
    recovered: bool = False

    @property
    def right(self) -> bool:
        """Whether the reader named what was drawn, and nothing else."""
        return self.checks <= self.named.keys() <= self.checks | self.also

    def entry(self) -> dict[str, Any]:
        """Return its JSON."""
        return {
            "drawn": ["/".join(key) for key in self.drawn],
            "named": [f"{slug}/{told.cause.section.id}" for slug, told in self.named.values()],
            "alert": self.alert,
            "detect": None if self.detect is None else round(self.detect, 1),
            "diagnose": None if self.diagnose is None else round(self.diagnose, 1),
            "recovered": self.recovered,
            "right": self.right,
        }


def play(stack: Stack, rounds: int, seed: int, wrong: list[dict[str, Any]]) -> Iterator[Round]:
    """Play rounds; what siblings' solutions did is added to `wrong`."""
    numbers = random.Random(seed)
    for _ in range(rounds):
        drawn = draw(numbers)
        faults = [FAULTS[key] for key in drawn]
        found = Round(drawn, {f.check for f in faults}, {check for f in faults for check in f.also})
        _sound(stack)
        with ExitStack() as broken:
            for fault in faults:
                broken.enter_context(fault.breaks(stack))
            _read_all(stack, found)
            if len(drawn) == 1 and found.named:
                wrong += _wrong_solution(stack, found, numbers)
            found.recovered = _solve(stack, found)
        try:
            tidy(stack)
        except LookupError:  # a unit is down
            mend(stack)
        yield found


def _sound(stack: Stack) -> None:
    """Wait until nothing is wrong, by whatever means."""
    try:
        wait_for_soundness(stack)
    except DrillError:
        mend(stack)
        wait_for_soundness(stack)


def _read_all(stack: Stack, found: Round) -> None:
    """Read the page of every alert that comes up, until one names a cause and no other comes."""
    broken = last = time.monotonic()
    opened: float | None = None
    seen: set[str] = set()
    done: set[str] = set()  # runbooks that have named a cause
    while time.monotonic() - broken < (PATIENCE if found.drawn or seen else QUIET):
        active = stack.watching.active()
        if active.keys() - seen:
            seen |= active.keys()
            last = time.monotonic()
        if active and opened is None:
            opened = time.monotonic()
            found.detect = opened - broken
            found.alert = min(active)
        for link in sorted({notes["runbook_url"] for notes in active.values()}):
            slug = urlsplit(link).path.rpartition("/")[2]
            if slug in done:
                continue
            # If none says yes, the page is read again: a measurement may take a while.
            if named := causes(stack, slug):
                found.named.update(named)
                done.add(slug)
                found.diagnose = time.monotonic() - (opened or broken)
        if found.named and time.monotonic() - last > QUIET:
            return
        time.sleep(0.2)  # the interval of a poll


def causes(stack: Stack, slug: str) -> dict[str, tuple[str, Told]]:
    """Name the causes that a page's checks find, by check; each yes is asked for twice."""
    named = {}
    for told in reader.told(reader.read(stack.checkout, slug)):
        if all(reader.says_yes(stack, told.check)[0] for _ in range(2)):
            if "." in told.name:
                named[told.name] = slug, told
            elif other := reader.follow(stack, told):
                named[other.name] = told.elsewhere, other
    return named


def _wrong_solution(stack: Stack, found: Round, numbers: random.Random) -> Iterator[dict[str, Any]]:
    """Apply the solution of another cause of the runbook first, and see what it does."""
    check, (slug, own) = next(iter(found.named.items()))
    siblings = [told for told in reader.told(reader.read(stack.checkout, slug)) if told != own]
    if not siblings:
        return
    sibling = numbers.choice(siblings)
    before = _findings(stack)
    detail = ""
    try:
        reader.apply(stack, sibling)
    except DrillError as error:
        detail = str(error)
    after = _findings(stack)
    if worse := sorted(after - before):
        outcome, detail = "made it worse", detail or f"{', '.join(worse)} too"
    else:
        outcome = "changed nothing" if check in after else "mended it too"
    yield {
        "runbook": slug,
        "cause": own.cause.section.id,
        "solution_of": sibling.cause.section.id,
        "outcome": outcome,
        "detail": detail,
    }


def _solve(stack: Stack, found: Round) -> bool:
    """Apply the solutions of what was named, and wait until its checks say no."""
    deadline = time.monotonic() + PATIENCE
    try:
        for _, told in found.named.values():
            reader.apply(stack, told)
    except DrillError:
        return False
    while found.named.keys() & _findings(stack):
        if time.monotonic() > deadline:
            return False
    return True


def _findings(stack: Stack) -> set[str]:
    """Return the names of the checks that say yes."""
    return {finding.partition(":")[0] for finding in stack.findings()}


def summary(rounds: Sequence[Round], seed: int, commit: str) -> dict[str, Any]:
    """Return the JSON of all rounds."""
    with_fault = [found for found in rounds if found.drawn]
    return {
        "at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "commit": commit,
        "seed": seed,
        "rounds": [found.entry() for found in rounds],
        "faults": len(with_fault),
        "detected": sum(found.detect is not None for found in with_fault),
        "right": sum(found.right for found in rounds),
        "wrong_alarms": sum(bool(found.alert) for found in rounds if not found.drawn),
    }
