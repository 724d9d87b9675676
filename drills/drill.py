"""One drill: from the fault through alert, page, checks and solution to the end of the alert."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from app.handbook.documents.document_types import Runbook
from drills import reader
from drills.faults.fault import Fault
from drills.page import has_heading, page
from drills.reader import DrillError, Told
from drills.soundness import wait_for_soundness
from drills.stack import Stack
from drills.traffic import Answer, counted

PATIENCE = 120.0
"""Seconds to wait for what must happen; everything takes a few."""

INTERVAL = 0.2
"""Seconds between two looks."""


@dataclass
class Outcome:
    """What a drill observed."""

    runbook: str
    cause: str
    name: str
    fault: Fault
    check: str
    at: datetime
    passed: bool = False
    tries: int = 1
    detect: float | None = None
    diagnose: float | None = None
    recover: float | None = None
    requests: int = 0
    lost: int = 0
    verdicts: dict[str, bool] = field(default_factory=dict)
    why: str = ""
    """The step that failed, and why; empty if it passed."""


@dataclass(frozen=True)
class Drill:
    """A drill of one cause on a stack.

    Args:
        stack: sound, and shared.
        slug: of the runbook.
        cause: the id of its heading.
        fault: brings it about.
        patience: seconds to wait for what must happen.
    """

    stack: Stack
    slug: str
    cause: str
    fault: Fault
    patience: float = PATIENCE

    def run(self) -> Outcome:
        """Run it once."""
        runbook = reader.read(self.stack.checkout, self.slug)
        outcome = Outcome(
            self.slug, self.cause, self.cause, self.fault, self.fault.check, datetime.now(UTC)
        )
        try:
            causes = reader.told(runbook)
            wait_for_soundness(self.stack, self.patience)
            began, customers = time.monotonic(), self.stack.customers_digest()
            with self.fault.breaks(self.stack):
                self._incident(runbook, causes, outcome)
            answers = self.stack.traffic.since(began)
            self._nothing_lost(answers, customers, outcome)
            outcome.passed = True
        except (DrillError, LookupError) as error:
            outcome.why = str(error)
        return outcome

    def _incident(self, runbook: Runbook, causes: Sequence[Told], outcome: Outcome) -> None:
        broken = time.monotonic()
        annotations = self._alert()
        outcome.detect = time.monotonic() - broken
        self._page(annotations)
        own = next((told for told in causes if told.cause.section.id == self.cause), None)
        if own is None:
            raise DrillError("page", f"{self.slug} has no cause #{self.cause}")
        outcome.name, outcome.check = own.cause.name, own.name
        if own.name != self.fault.check and own.name != self.fault.check.partition(".")[0]:
            raise DrillError("page", f"#{self.cause} names {own.name}, not {self.fault.check}")
        self._wait(lambda: self.fault.ripe(self.stack), "fault", "it has lasted long enough")
        reader.run_steps(self.stack, runbook)
        opened = time.monotonic()
        self._diagnosis(causes, own, outcome)
        outcome.diagnose = time.monotonic() - opened
        if not reader.says_yes(self.stack, own.check)[0]:
            raise DrillError("still there", f"{own.name} says no before the solution")
        began = time.monotonic()
        reader.apply(self.stack, own)
        self._wait(lambda: self._clear(causes), "checks clear", "after the solution", self._found)
        outcome.recover = time.monotonic() - began
        self._wait(self._quiet, "alert ends", f"{self.fault.alert} after the solution")

    def _alert(self) -> dict[str, str]:
        """Wait for the alert, and return its annotations."""
        seen: dict[str, dict[str, str]] = {}

        def fires() -> bool:
            seen.update(self.stack.watching.active())  # kept: it may end and come again
            return self.fault.alert in seen

        self._wait(fires, "alert", f"{self.fault.alert} fires", lambda: f"seen: {sorted(seen)}")
        return seen[self.fault.alert]

    def _page(self, annotations: Mapping[str, str]) -> None:
        link = annotations["runbook_url"]
        address, _, heading = link.partition("#")
        if address != f"{self.stack.url}/runbooks/{self.slug}":
            raise DrillError("link", f"{self.fault.alert} leads to {link}, not to {self.slug}")
        if heading not in {"", self.cause}:
            raise DrillError("link", f"{self.fault.alert} leads to #{heading}, not #{self.cause}")
        if not has_heading(page(self.stack, annotations), self.cause):
            raise DrillError("page", f"{self.slug} has no heading #{self.cause}")

    def _diagnosis(self, causes: Sequence[Told], own: Told, outcome: Outcome) -> None:
        """Run every check of the page until its own says yes and the others no.

        In the measured second, the machine may have given the service too little time.
        """
        said: dict[str, str] = {}

        def right() -> bool:
            for told in causes:
                outcome.verdicts[told.name], said[told.name] = reader.says_yes(
                    self.stack, told.check
                )
            return [name for name, yes in outcome.verdicts.items() if yes] == [own.name]

        def found() -> str:
            others = [n for n, yes in outcome.verdicts.items() if yes and n != own.name]
            if others:
                return f"{others[0]} says yes under {self.fault.check}: {said[others[0]]}"
            return f"{own.name} says no: {said[own.name]}"

        self._wait(right, "checks", f"{own.name} alone says yes", found)

    def _clear(self, causes: Sequence[Told]) -> bool:
        names = " ".join(told.name for told in causes)
        return self.stack.shell(f"churn diagnose {names}").returncode == 0

    def _found(self) -> str:
        return "; ".join(self.stack.findings())

    def _quiet(self) -> bool:
        return self.fault.alert not in self.stack.watching.active()

    def _nothing_lost(self, answers: list[Answer], customers: str, outcome: Outcome) -> None:
        outcome.requests = len(answers)
        wrong = self.stack.traffic.wrong(answers)
        allowed = {"prediction 200", "lookup 200", "unknown 404"}
        allowed |= {f"{a.kind} {a.status}" for a in answers if a.status in self.fault.refusals}
        unexpected = {what: n for what, n in counted(answers).items() if what not in allowed}
        outcome.lost = len(wrong) + sum(unexpected.values())
        if wrong:
            raise DrillError("answers", f"{len(wrong)} wrong: {wrong[0]}")
        if unexpected:
            raise DrillError("answers", f"{unexpected}")
        if self.stack.customers_digest() != customers:
            raise DrillError("customers", "they are not the same as before")

    def _wait(
        self,
        ready: Callable[[], bool],
        step: str,
        what: str,
        found: Callable[[], str] = lambda: "",
    ) -> None:
        """Poll until `ready`; if it takes too long, the drill fails at this step."""
        deadline = time.monotonic() + self.patience
        while not ready():
            if time.monotonic() > deadline:
                raise DrillError(step, f"{what}: not within {self.patience:.0f} s; {found()}")
            time.sleep(INTERVAL)
