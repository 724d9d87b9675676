"""Rules for runbooks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.handbook.documents.document_types import SEVERITIES, Cause, Runbook
from app.handbook.rules import section_rules
from app.handbook.rules.finding import WARNING, Finding

SECTIONS = (
    "Symptoms",
    "Impact",
    "Investigation Steps",
    "Common Causes & Solutions",
    "Escalation",
    "Prevention",
    "Related Documents",
)

_COMMAND = re.compile(r"^(?:```|~~~)[^\n]*\n(.*?)\n(?:```|~~~)|`([^`\n]+)`", re.S | re.M)
"""A block, or words within backticks."""


def check(runbook: Runbook) -> Iterator[Finding]:
    """Yield findings in the sections of one runbook."""
    yield from _severity(runbook)
    yield from _alerts(runbook)
    yield from section_rules.check(runbook, SECTIONS)
    yield from _content(runbook)
    yield from _steps(runbook)
    yield from _causes(runbook)


def _severity(runbook: Runbook) -> Iterator[Finding]:
    right = " or ".join(f"`## Severity: {name} ({word})`" for name, word in SEVERITIES.items())
    if runbook.severity_heading is None:
        yield Finding(runbook.path, 1, "severity", f"no severity: add {right}")
    elif not runbook.severity:
        line = runbook.severity_heading.line
        yield Finding(runbook.path, line, "severity", f"not a severity: write {right}")


def _alerts(runbook: Runbook) -> Iterator[Finding]:
    section = runbook.section("Alerts")
    if section is None:
        message = "no section `## Alerts`: name the alert rules that lead here, one on each line"
        yield Finding(runbook.path, 1, "alerts", message, WARNING)
    elif not runbook.alerts:
        message = "no alert named: write each rule's name on a line of its own"
        yield Finding(runbook.path, section.line, "alerts", message, WARNING)


def _content(runbook: Runbook) -> Iterator[Finding]:
    symptoms = runbook.section("Symptoms")
    if symptoms and symptoms.text and not symptoms.items():
        message = "write symptoms as bullets: what you see, the threshold, for how long"
        yield Finding(runbook.path, symptoms.line, "symptoms", message)
    impact = runbook.section("Impact")
    if impact and impact.text:
        for name in ("Users", "Business", "SLO"):
            if name.lower() not in impact.fields():
                message = f"no `**{name}**: ...`: say what it means for {name}"
                yield Finding(runbook.path, impact.line, "impact", message)
    prevention = runbook.section("Prevention")
    if prevention and prevention.text and not prevention.tasks():
        message = "write prevention as tasks: `- [ ] ...` and `- [x] ...`"
        yield Finding(runbook.path, prevention.line, "prevention", message)
    related = runbook.section("Related Documents")
    if related and related.text and not related.links:
        message = "link the related documents: `[title](../adrs/001-title.md)`"
        yield Finding(runbook.path, related.line, "related", message)


def _steps(runbook: Runbook) -> Iterator[Finding]:
    section = runbook.section("Investigation Steps")
    if section and section.text and not runbook.steps:
        message = "no steps: write each as `### 1. <step>` with a command"
        yield Finding(runbook.path, section.line, "steps", message)
    for expected, step in enumerate(runbook.steps, 1):
        if step.number != expected:
            message = f"number the steps from 1 without gaps: this is `### {expected}. {step.name}`"
            yield Finding(runbook.path, step.section.line, "steps", message)
        if not step.section.fences:
            message = "no command: add a fenced block with what to run"
            yield Finding(runbook.path, step.section.line, "step-command", message)


def _causes(runbook: Runbook) -> Iterator[Finding]:
    section = runbook.section("Common Causes & Solutions")
    if section and section.text and not runbook.causes:
        message = "no causes: write each as `### Cause 1: <name>`"
        yield Finding(runbook.path, section.line, "causes", message)
    for expected, cause in enumerate(runbook.causes, 1):
        if cause.number != expected:
            message = f"number the causes from 1: this is `### Cause {expected}: {cause.name}`"
            yield Finding(runbook.path, cause.section.line, "causes", message)
        yield from _cause(runbook, cause)
    yield from _same_checks(runbook)


def _cause(runbook: Runbook, cause: Cause) -> Iterator[Finding]:
    for name, what in (("Symptoms", "what is seen"), ("Solution", "the commands that end it")):
        field = cause.fields.get(name.lower())
        if field is None or not field.value:
            line = field.line if field else cause.section.line
            message = f"no `**{name}**: ...` of this cause: write {what}"
            yield Finding(runbook.path, line, "cause", message)
    check_ = cause.fields.get("check")
    if check_ is None or not check_.value:
        line = check_.line if check_ else cause.section.line
        message = "no `**Check**: command`: add one that exits 1 if this is the cause, else 0"
        yield Finding(runbook.path, line, "check", message, WARNING)
    elif not _COMMAND.search(check_.value):
        message = "no command in this check: write one that exits 1 if this is the cause, else 0"
        yield Finding(runbook.path, check_.line, "check", message)


def _same_checks(runbook: Runbook) -> Iterator[Finding]:
    """Yield a finding for each cause whose check is another's: it can't tell them apart."""
    seen: dict[str, int | None] = {}
    for cause in runbook.causes:
        check_ = cause.fields.get("check")
        for command in _COMMAND.findall(check_.value)[:1] if check_ else ():
            words = " ".join("".join(command).split())
            if words in seen:
                message = f"cause {seen[words]} has this check too: write one that tells them apart"
                yield Finding(runbook.path, check_.line if check_ else 1, "check", message)
            seen.setdefault(words, cause.number)
