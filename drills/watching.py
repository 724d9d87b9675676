"""The real alert rules, with seconds for minutes, in a real Prometheus and Alertmanager."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from scripts import alerts
from tools.ports import free_port
from tools.prometheus import prometheus
from tools.servers import ROOT, fetch, program, ready, running, wait_for

MINUTE = 1.0
"""Seconds that stand for a minute in the rules."""

LONGEST = 10
"""Seconds that stand for any longer time, such as a day."""


def rules(base: str, dashboard: str, minute: float = MINUTE) -> str:
    """Render the rules; a minute lasts so many seconds, none or 60."""
    if minute == 60:
        return alerts.render(base, dashboard)
    short = alerts.render(base, dashboard, shorter=60)
    return re.sub(r"\b(\d+)s\b", lambda found: f"{min(LONGEST, int(found[1]))}s", short)


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
    listen = f"127.0.0.1:{free_port()}"
    command = [
        program("prometheus-alertmanager"),
        f"--config.file={ROOT / 'deploy' / 'prometheus' / 'alertmanager.yml'}",
        f"--storage.path={folder / 'alertmanager'}",
        f"--web.listen-address={listen}",
        "--cluster.listen-address=",
    ]
    log = folder / "alertmanager.log"
    with running(command, log) as process:
        wait_for(process, log, lambda: ready(f"http://{listen}/-/ready"), "Alertmanager is ready")
        with prometheus(folder, service, text, listen, key) as address:
            yield Watching(address, f"http://{listen}", folder / "alerts.yml")
