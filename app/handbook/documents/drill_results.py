"""Reads the results of the last drills, and the digests that tell what changed since."""

from __future__ import annotations

import datetime
import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.handbook.documents.alert_rule_files import AlertRule
from app.handbook.documents.document_types import Cause, Runbook

FILE = "drills/results.json"


@dataclass(frozen=True)
class Drill:
    """The last drill of a cause."""

    runbook: str
    """The runbook's slug."""

    cause: str
    """The id of the cause's heading."""

    alert: str
    check: str
    commit: str
    at: datetime.datetime
    passed: bool
    detect: float | None
    """Seconds until the alert fired; None if the drill failed before."""

    diagnose: float | None
    recover: float | None
    digests: dict[str, str]
    """SHA-256 of the cause's `section`, its `check` and its `alert`, as they were drilled."""


@dataclass(frozen=True)
class DrillResults:
    """The results of the last drills."""

    drills: dict[tuple[str, str], Drill] = field(default_factory=dict)
    """By the runbook's slug and the id of the cause's heading."""

    minute: float = 60.0
    """Seconds that stood for a minute in the alert rules."""

    fault: str = ""
    """Why the file could not be read, or empty."""

    def of(self, runbook: Runbook, cause: Cause) -> Drill | None:
        """Return the last drill of a cause, if there was one."""
        return self.drills.get((runbook.slug, cause.section.id))


def read(root: Path) -> DrillResults:
    """Return the results in a repository; without the file, or with a damaged one, there are none.

    Args:
        root: the repository's root.
    """
    try:
        written = json.loads((root / FILE).read_text("utf-8"))
        drills = [_drill(entry) for entry in written["drills"]]
        return DrillResults({(d.runbook, d.cause): d for d in drills}, float(written["minute"]))
    except FileNotFoundError:
        return DrillResults()
    except OSError as error:
        return DrillResults(fault=f"can't be read: {error.strerror}")
    except (ValueError, RecursionError):
        return DrillResults(fault="is not JSON, or one of its times or numbers is not one")
    except (KeyError, TypeError, AttributeError) as error:
        return DrillResults(fault=f"has another shape than results of drills: {error}")


def section_digest(runbook: Runbook, cause: Cause) -> str:
    """Return the SHA-256 of a cause's section as written, without spaces at the ends of lines."""
    lines = runbook.source.lines[cause.section.line - 1 : cause.section.end - 1]
    return _sha256("\n".join(line.rstrip() for line in lines).rstrip("\n"))


def alert_digest(rule: AlertRule) -> str:
    """Return the SHA-256 of what makes an alert fire, and where it leads."""
    parts = (rule.name, rule.expression, rule.duration, rule.severity, rule.runbook_url)
    return _sha256("\n".join(parts))


def _drill(entry: dict[str, Any]) -> Drill:
    """Make a drill of its JSON.

    Raises:
        KeyError, TypeError, ValueError, AttributeError: it has another shape.
    """
    at = datetime.datetime.fromisoformat(entry["at"])
    if at.tzinfo is None:
        raise ValueError(at)
    return Drill(
        runbook=entry["runbook"],
        cause=entry["cause"],
        alert=entry["alert"],
        check=entry["check"],
        commit=entry["commit"],
        at=at.astimezone(datetime.UTC),
        passed=bool(entry["passed"]),
        detect=_seconds(entry["detect"]),
        diagnose=_seconds(entry["diagnose"]),
        recover=_seconds(entry["recover"]),
        digests=dict(entry["digests"]),
    )


def _seconds(value: Any) -> float | None:
    return None if value is None else float(value)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
