"""The real alert rules, with seconds for minutes, in a real Prometheus and Alertmanager."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from scripts import alerts
from tools.alertmanager import alertmanager
from tools.prometheus import prometheus
from tools.servers import fetch

MINUTE = 1.0
"""Seconds that stand for a minute in the rules."""

LENGTH = re.compile(r"\b(\d+)s\b")
"""A length of time in the shortened rules."""

LONGEST = 10
"""Seconds that stand for any longer time, such as a day."""


def rules(base: str, mirror: Path, minute: float = MINUTE) -> str:
    """Render the rules.

    Args:
        base: the service's address as people reach it.
        mirror: the folder of the handbook's static pages.
        minute: seconds that stand for a minute; `MINUTE` or 60.
    """
    shorter = 1 if minute == 60 else 60
    text = alerts.render(base, f"{base}/dashboard", mirror.as_uri(), shorter=shorter)
    if minute == 60:
        return text
    return LENGTH.sub(lambda found: f"{min(LONGEST, int(found[1]))}s", text)


@dataclass
class Watching:
    """Prometheus and Alertmanager: their addresses, and the file of rules."""

    prometheus: str
    alertmanager: str
    rules: Path

    def active(self) -> dict[str, dict[str, str]]:
        """Return the annotations of the alerts that Alertmanager tells people of."""
        query = "active=true&inhibited=false&silenced=false"
        status, text = fetch(f"{self.alertmanager}/api/v2/alerts?{query}")
        if status != 200:
            raise LookupError(f"Alertmanager answers {status}")
        return {a["labels"]["alertname"]: a["annotations"] for a in json.loads(text)}

    def scrapes(self) -> float:
        """Return when Prometheus last evaluated the rules, in its own seconds."""
        _, text = fetch(f"{self.prometheus}/api/v1/query?query=timestamp(up)")
        found = json.loads(text)["data"]["result"]
        return max((float(sample["value"][1]) for sample in found), default=0.0)

    def replace(self, text: str) -> None:
        """Put other rules in their place, and have Prometheus read them."""
        self.rules.write_text(text)
        status, said = fetch(f"{self.prometheus}/-/reload", {})
        if status != 200:
            raise LookupError(f"Prometheus refuses the rules: {said}")


@contextmanager
def watching(folder: Path, service: str, key: Path, text: str) -> Iterator[Watching]:
    """Prometheus over the service, and the Alertmanager that it tells, as they are deployed."""
    with alertmanager(folder) as address:
        told = address.removeprefix("http://")
        with prometheus(folder, service, text, told, key) as seen:
            yield Watching(seen, address, folder / "alerts.yml")
