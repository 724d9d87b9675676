"""Tells which causes the drills proved, and what changed since."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass

from app.handbook.documents import alert_rule_files, drill_results
from app.handbook.documents.alert_rule_files import AlertRule
from app.handbook.documents.document_types import Cause, Runbook
from app.handbook.documents.drill_results import Drill
from app.handbook.documents.library import Library

PROVEN, CHANGED, FAILED, NEVER = "proven", "changed", "failed", "never"


@dataclass(frozen=True)
class CauseProof:
    """What the last drill of a cause says about it today."""

    cause: Cause
    state: str
    drill: Drill | None
    changed: tuple[str, ...]
    """What differs from what was drilled: `section`, `check`, `alert`."""


@dataclass(frozen=True)
class RunbookProof:
    """What the last drills of a runbook's causes say about it today."""

    causes: tuple[CauseProof, ...]
    minute: float
    """Seconds that stood for a minute in the alert rules."""

    def count(self, state: str) -> int:
        """Count the causes in a state."""
        return sum(proof.state == state for proof in self.causes)

    @property
    def at(self) -> datetime.datetime | None:
        """The time of the last drill."""
        return max((proof.drill.at for proof in self.causes if proof.drill), default=None)

    @property
    def state(self) -> str:
        """The state that matters first: failed, changed, never (some or all), proven."""
        found = {proof.state for proof in self.causes}
        return next((s for s in (FAILED, CHANGED, NEVER) if s in found), PROVEN)


def proofs(library: Library, check_digest: Callable[[str], str]) -> dict[str, RunbookProof]:
    """Return the proof of each runbook by its slug, made once for a library.

    Args:
        library: the documents, with the alert rules and the results of drills beside them.
        check_digest: returns the digest of a check's source; raises KeyError if there is none.
    """

    def make() -> dict[str, RunbookProof]:
        results = drill_results.read(library.root)
        rules = {rule.name: rule for rule in alert_rule_files.read(library.root)[0]}
        found = {}
        for runbook in library.runbooks:
            causes = []
            for cause in runbook.causes:
                drill = results.of(runbook, cause)
                changed = _changed(runbook, cause, drill, rules, check_digest) if drill else ()
                causes.append(CauseProof(cause, _state(drill, changed), drill, changed))
            found[runbook.slug] = RunbookProof(tuple(causes), results.minute)
        return found

    return library.derive("proofs", make)


def _state(drill: Drill | None, changed: tuple[str, ...]) -> str:
    if drill is None:
        return NEVER
    if not drill.passed:
        return FAILED
    return CHANGED if changed else PROVEN


def _changed(
    runbook: Runbook,
    cause: Cause,
    drill: Drill,
    rules: dict[str, AlertRule],
    check_digest: Callable[[str], str],
) -> tuple[str, ...]:
    """Return the parts whose digest differs from the drilled one's."""
    rule = rules.get(drill.alert)
    try:
        check = check_digest(drill.check)
    except KeyError:
        check = ""
    now = {
        "section": drill_results.section_digest(runbook, cause),
        "check": check,
        "alert": drill_results.alert_digest(rule) if rule else "",
    }
    return tuple(part for part, digest in now.items() if digest != drill.digests.get(part))
