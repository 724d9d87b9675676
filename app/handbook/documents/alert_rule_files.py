"""Reads the alert rules in `deploy/prometheus`, with their lines."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from app.handbook.documents import located_yaml
from app.handbook.documents.source import Fault

FOLDER = "deploy/prometheus"
_RUNBOOK = re.compile(r"/runbooks/([^/]+?)(?:\.md)?/?\Z")
_MIRRORED = re.compile(r"/runbooks/([^/]+)\.html\Z")


@dataclass(frozen=True)
class AlertRule:
    """An alert rule of Prometheus."""

    name: str
    path: str
    """The file, relative to the repository's root."""

    line: int
    summary: str
    expression: str
    duration: str
    """How long the expression holds before the alert fires, as written after `for`."""

    severity: str
    """Its label, such as `critical`, or empty."""

    runbook_url: str
    """Its annotation as written, or empty."""

    url_line: int
    annotations: Mapping[str, str]
    """All of them, as written."""

    @property
    def mirror_url(self) -> str:
        """The same page and heading in the handbook's mirror, or empty."""
        return self.annotations.get("runbook_mirror_url", "").strip()

    @property
    def runbook(self) -> str:
        """The path of the runbook's file that its address names, or empty."""
        match = _RUNBOOK.search(_path(self.runbook_url))
        return f"runbooks/{unquote(match[1])}.md" if match else ""

    @property
    def heading(self) -> str:
        """The id after `#` in its address, or empty."""
        return unquote(self.runbook_url.partition("#")[2])


def mirrored(url: str) -> tuple[str, str]:
    """Return the path of the runbook's file, or empty, and the id that a mirror's address names."""
    match = _MIRRORED.search(_path(url))
    return f"runbooks/{unquote(match[1])}.md" if match else "", unquote(url.partition("#")[2])


def files(root: Path) -> list[Path]:
    """List the YAML files in the folder of rules."""
    return sorted(p for p in (root / FOLDER).glob("*.y*ml") if p.suffix in (".yml", ".yaml"))


def read(root: Path) -> tuple[list[AlertRule], list[tuple[str, Fault]]]:
    """Return every alert rule of a repository, and each invalid YAML file with its fault."""
    rules: list[AlertRule] = []
    faults: list[tuple[str, Fault]] = []
    for file in files(root):
        name = f"{FOLDER}/{file.name}"
        node, wrong = located_yaml.read(file)
        faults += [(name, fault) for fault in wrong]
        for group in located_yaml.items(located_yaml.get(node, "groups")):
            for rule in located_yaml.items(located_yaml.get(group, "rules")):
                if alert := located_yaml.get(rule, "alert"):
                    rules.append(_rule(name, alert, rule))
    return rules, faults


def _rule(name: str, alert: located_yaml.Node, rule: located_yaml.Node) -> AlertRule:
    notes = located_yaml.get(rule, "annotations")
    url = located_yaml.get(notes, "runbook_url")
    labels = located_yaml.get(rule, "labels")
    return AlertRule(
        name=located_yaml.text(alert),
        path=name,
        line=located_yaml.line(alert),
        summary=located_yaml.text(located_yaml.get(notes, "summary")),
        expression=located_yaml.text(located_yaml.get(rule, "expr")),
        duration=located_yaml.text(located_yaml.get(rule, "for")).strip(),
        severity=located_yaml.text(located_yaml.get(labels, "severity")).strip(),
        runbook_url=located_yaml.text(url).strip(),
        url_line=located_yaml.line(url) if url else located_yaml.line(alert),
        annotations=located_yaml.texts(notes),
    )


def _path(url: str) -> str:
    try:
        return urlsplit(url).path
    except ValueError:
        return ""
