"""compose.yaml's services, really started from what it mounts, with Debian's own servers."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlencode

import pytest
import yaml

from tools.compose_services import Composed, composed
from tools.servers import ROOT, unavailable, wait_until

PASSWORD = "0123456789abcdef0123456789abcdef"


@pytest.fixture(scope="module")
def services() -> Iterator[Composed]:
    """The services, with the secrets that the guide's commands make."""
    if os.geteuid() != 0:
        unavailable("only root can make a root folder for each service")
    with tempfile.TemporaryDirectory(prefix="churn-compose-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        make_secrets(folder)
        with composed(folder, POSTGRES_PASSWORD=PASSWORD) as found:
            yield found


def make_secrets(folder: Path) -> None:
    """Run the guide's commands, which make files and give each to the user who reads it."""
    guide = (ROOT / "guides" / "deployment.md").read_text("utf-8")
    blocks = re.findall(r"```bash[^\n]*\n(.*?)```", guide, re.S)
    (made,) = [block for block in blocks if "mkdir -p instance/keys" in block]
    (given,) = [block for block in blocks if "chown 10001" in block]
    (folder / "churn").write_text(f'#!/bin/sh\nexec {sys.executable} -m app.cli.main "$@"\n')
    (folder / "churn").chmod(0o755)
    environ = {"PATH": f"{folder}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    script = made + given.replace("sudo ", "")
    subprocess.run(["bash", "-euc", script], cwd=folder, env=os.environ | environ, check=True)


@pytest.fixture(scope="module")
def system(services: Composed) -> Iterator[Composed]:
    """All of them but Grafana, which Debian doesn't have, in compose's order."""
    health = services.made["services"]["postgres"]["healthcheck"]["test"][1:]
    ping = ["redis-cli", "-h", "redis", "ping"]

    def runs(name: str, *words: str) -> Callable[[], bool]:
        return lambda: services.run(name, *words).returncode == 0

    def answers(url: str) -> Callable[[], bool]:
        return lambda: services.fetch(url) is not None

    with ExitStack() as stack:
        # The test of compose; by name, for the server that only makes the database has no address.
        stack.enter_context(
            services.started("postgres", runs("postgres", *health, "-h", "postgres"))
        )
        stack.enter_context(services.started("redis", runs("redis", *ping)))
        migrated = services.run("migration")
        assert migrated.returncode == 0, migrated.stderr
        for name, url in [
            ("api", "http://api:8000/health/ready"),
            ("prometheus", "http://prometheus:9090/api/v1/status/config"),
            ("alertmanager", "http://alertmanager:9093/api/v2/status"),
        ]:
            stack.enter_context(services.started(name, answers(url)))
        yield services


def key(system: Composed) -> str:
    return (system.folder / "instance" / "my-key").read_text().strip()


def up(system: Composed) -> str | None:
    """What Prometheus says of its scrape."""
    asked = urlencode({"query": 'up{job="churn-api"}'})
    found = system.fetch(f"http://prometheus:9090/api/v1/query?{asked}")
    result = found["data"]["result"] if found else []
    return result[0]["value"][1] if result else None


def test_the_service_reaches_database_and_cache(system: Composed) -> None:
    """With the addresses and the password that compose gives it."""
    assert system.fetch("http://api:8000/customers/at-risk", key(system)) is not None
    parts = system.fetch("http://api:8000/health/ready")["parts"]
    assert {name: part["status"] for name, part in parts.items()} == dict.fromkeys(parts, "ok")
    limit = system.run("redis", "redis-cli", "-h", "redis", "config", "get", "maxmemory")
    assert limit.stdout.split() == ["maxmemory", str(256 * 1024 * 1024)]


def test_prometheus_scrapes_the_service_with_its_key(system: Composed) -> None:
    wait_until(lambda: up(system) == "1", "a scrape")
    rules = system.fetch("http://prometheus:9090/api/v1/rules")["data"]["groups"]
    written = yaml.safe_load((ROOT / "deploy" / "prometheus" / "alerts.yml").read_text("utf-8"))
    assert [group["name"] for group in rules] == [group["name"] for group in written["groups"]]
    assert system.fetch("http://api:8000/metrics") is None  # nobody without a key


def test_prometheus_tells_alertmanager_which_has_its_routes(system: Composed) -> None:
    def known() -> bool:
        found = system.fetch("http://prometheus:9090/api/v1/alertmanagers")
        return bool(found and found["data"]["activeAlertmanagers"])

    wait_until(known, "Prometheus knows Alertmanager")
    status = system.fetch("http://alertmanager:9093/api/v2/status")
    used = yaml.safe_load(status["config"]["original"])
    written = yaml.safe_load((ROOT / "deploy/prometheus/alertmanager.yml").read_text("utf-8"))
    names = [receiver["name"] for receiver in written["receivers"]]
    assert "level=warn" not in (system.folder / "alertmanager.log").read_text()
    assert [receiver["name"] for receiver in used["receivers"]] == names


@pytest.mark.parametrize("name", ["api", "migration", "postgres", "redis", "prometheus"])
def test_none_can_write_where_it_should_not(services: Composed, name: str) -> None:
    """Nor change its user; so what they need above, they have without."""
    assert services.run(name, "touch", "/tmp/file").returncode == 0
    refused = services.run(name, "touch", "/etc/file")
    assert "Read-only file system" in refused.stderr
    rights = services.run(name, "grep", "-E", "^(Cap(Prm|Bnd)|NoNewPrivs)", "/proc/self/status")
    assert set(rights.stdout.split()[1::2]) == {"0" * 16, "1"}


def test_each_secret_can_be_read_by_its_user_alone(services: Composed) -> None:
    """And where one has another's owner, its service can't read it: nothing else lets it."""
    file = services.folder / "instance" / "prometheus-key"
    read = ("prometheus", "cat", "/run/secrets/prometheus-key")
    assert services.run(*read).stdout == file.read_text()
    os.chown(file, 10001, 10001)
    try:
        assert "Permission denied" in services.run(*read).stderr
    finally:
        os.chown(file, 65534, 65534)
    assert services.run("api", "cat", "/etc/churn/keys.yaml").returncode == 0
    assert (services.folder / "instance" / "grafana-password").stat().st_uid == 472


def test_grafana_is_given_its_source_and_its_dashboard() -> None:
    """The files that compose mounts: they name a service of compose, and the mounted folder."""
    made = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))["services"]
    mounts = dict(volume.split(":")[:2] for volume in made["grafana"]["volumes"])
    provisioning = ROOT / "deploy" / "grafana" / "provisioning"
    assert mounts["./deploy/grafana/provisioning"] == "/etc/grafana/provisioning"
    (source,) = yaml.safe_load((provisioning / "datasources" / "prometheus.yaml").read_text())[
        "datasources"
    ]
    host = re.fullmatch(r"http://([a-z]+):9090", source["url"])
    assert host
    assert made[host[1]]["ports"] == ["127.0.0.1:9090:9090"]
    (provider,) = yaml.safe_load((provisioning / "dashboards" / "churn.yaml").read_text())[
        "providers"
    ]
    dashboard = mounts["./deploy/grafana/api-overview.json"]
    assert dashboard.rpartition("/")[0] == provider["options"]["path"]
    panels = json.loads((ROOT / "deploy/grafana/api-overview.json").read_text())["panels"]
    assert {panel["datasource"]["uid"] for panel in panels} == {source["uid"]}
