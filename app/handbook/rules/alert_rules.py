"""Rule: alerts and runbooks name each other, down to the heading."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.handbook.documents import alert_rule_files
from app.handbook.documents.alert_rule_files import AlertRule
from app.handbook.documents.document_types import Runbook
from app.handbook.documents.library import Library
from app.handbook.rendering.anchors import Anchors
from app.handbook.rules.finding import Finding


def check(library: Library, anchors: Anchors) -> Iterator[Finding]:
    """Yield findings of the alert rules, if there are any, and of the alerts in runbooks."""
    rules, faults = alert_rule_files.read(library.root)
    for path, fault in faults:
        yield Finding(path, fault.line, fault.rule, fault.message)
    for rule in rules:
        if words := _fault(library, anchors, rule):
            yield Finding(rule.path, rule.url_line, "alert", f"{rule.name}: {words}")
    if not alert_rule_files.files(library.root):
        return
    known = {rule.name for rule in rules}
    for runbook in library.runbooks:
        for alert in runbook.alerts:
            if alert not in known:
                message = (
                    f"no rule in {alert_rule_files.FOLDER} is named {alert}: correct it, or add one"
                )
                yield Finding(runbook.path, _line(runbook, alert), "alert", message)


def _fault(library: Library, anchors: Anchors, rule: AlertRule) -> str | None:
    """Say what is wrong with the address that an alert opens, and what to write."""
    if not rule.runbook_url:
        return "no annotation `runbook_url`: give the address of the runbook that it opens"
    runbook = library.by_path.get(rule.runbook)
    if not isinstance(runbook, Runbook):
        return f"{rule.runbook_url[:80]} doesn't lead to a runbook: end it with /runbooks/<slug>"
    if rule.heading and rule.heading not in anchors[runbook.path]:
        return f"{runbook.path} has no heading with the id {rule.heading[:80]!r}: correct it"
    if rule.name not in runbook.alerts:
        return f"{runbook.path} doesn't name it: add `{rule.name}` under Alerts there"
    opened = rule.runbook, rule.heading
    if rule.mirror_url and alert_rule_files.mirrored(rule.mirror_url) != opened:
        page = f"/runbooks/{runbook.slug}.html" + (f"#{rule.heading}" if rule.heading else "")
        return f"`runbook_mirror_url` leads elsewhere than `runbook_url`: end it with {page}"
    return None


def _line(runbook: Runbook, alert: str) -> int:
    section = runbook.section("Alerts")
    assert section is not None  # noqa: S101  (it has alerts)
    named = re.compile(rf"(?<!\w){re.escape(alert)}(?!\w)")
    lines = runbook.text.prose(section.line + 1, section.end)
    return next((number for number, text in lines if named.search(text)), section.line)
