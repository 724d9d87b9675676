"""Manifests, compose.yaml and dashboard are checked against the code, and faults are found."""

from __future__ import annotations

import json
import urllib.parse
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from flask import Flask

from scripts import alerts, dashboard, manifests
from tests.prediction_bodies import REQUIRED
from tools.load_clients import load
from tools.prometheus import prometheus
from tools.servers import ROOT, Server, fetch, gunicorn, wait_until

PRODUCTION = ROOT / "deploy" / "kubernetes" / "overlays" / "production"

Made = dict[str, dict[str, Any]]


@pytest.fixture
def made() -> Made:
    """What production applies, by kind and name."""
    return {f"{m['kind']} {m['metadata']['name']}": m for m in manifests.overlay(PRODUCTION)}


@pytest.fixture(scope="module")
def routes(app: Flask) -> set[str]:
    return {rule.rule for rule in app.url_map.iter_rules()}


def container(made: Made) -> dict[str, Any]:
    found: dict[str, Any] = made["Deployment churn-api"]["spec"]["template"]["spec"]["containers"][
        0
    ]
    return found


def test_the_repository_has_none() -> None:
    assert manifests.main() == 0


def test_an_overlay_changes_what_it_says(made: Made) -> None:
    assert container(made)["image"] == "registry.example.com/churn-api:1.0.0"
    assert made["Deployment churn-api"]["spec"]["replicas"] == 3
    assert made["ConfigMap churn-api"]["data"]["RATE_LIMIT"] == "200/second"
    assert made["ConfigMap churn-api"]["data"]["WEB_CONCURRENCY"] == "2"
    assert {m["metadata"].get("namespace") for m in made.values()} == {None, "churn-mlops"}


def _variable(made: Made) -> None:
    made["ConfigMap churn-api"]["data"]["DATABASE_ADDRESS"] = "x"


def _secret_variable(made: Made) -> None:
    container(made)["env"][0]["name"] = "DATABASE_ADDRESS"


def _plain_password(made: Made) -> None:
    container(made)["env"][0] = {"name": "DATABASE_URL", "value": "postgresql://u:secret@h/n"}


def _probe(made: Made) -> None:
    container(made)["readinessProbe"]["httpGet"]["path"] = "/ready"


def _grace(made: Made) -> None:
    pod = made["Deployment churn-api"]["spec"]["template"]["spec"]
    pod["terminationGracePeriodSeconds"] = 25


def _root(made: Made) -> None:
    del made["Deployment churn-api"]["spec"]["template"]["spec"]["securityContext"]


def _writable(made: Made) -> None:
    del container(made)["securityContext"]["readOnlyRootFilesystem"]


def _schema(made: Made) -> None:
    made["Deployment churn-api"]["spec"]["replica"] = 3


def _scaled(made: Made) -> None:
    made["HorizontalPodAutoscaler churn-api"]["spec"]["scaleTargetRef"]["name"] = "api"


def _scrape(made: Made) -> None:
    made["ServiceMonitor churn-api"]["spec"]["endpoints"][0]["path"] = "/prometheus"


def _port(made: Made) -> None:
    made["ServiceMonitor churn-api"]["spec"]["endpoints"][0]["port"] = "web"


@pytest.mark.parametrize(
    ("plant", "finding"),
    [
        (_variable, "DATABASE_ADDRESS: there is no such setting"),
        (_secret_variable, "DATABASE_ADDRESS: there is no such setting"),
        (_plain_password, "give it by reference to a secret"),
        (_probe, "readinessProbe: /ready is no route"),
        (_grace, "terminationGracePeriodSeconds: give more than 25"),
        (_root, "run it as another user than root"),
        (_writable, "give it a read-only root"),
        (_schema, "'replica'"),
        (_scaled, "there is no Deployment api"),
        (_scrape, "/prometheus is no route"),
        (_port, "web is no port"),
    ],
)
def test_a_planted_fault_is_the_one_finding(
    made: Made, routes: set[str], plant: Callable[[Made], None], finding: str
) -> None:
    plant(made)
    (found,) = manifests.findings(list(made.values()), routes, manifests.graceful_timeout())
    assert finding in found


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        ("CACHE_URL:", "REDIS_URL:", "REDIS_URL: there is no such setting"),
        ("./deploy/prometheus:", "./deploy/metrics:", "./deploy/metrics is not there"),
        ("redis: {condition", "valkey: {condition", "there is no service valkey"),
        ("prometheus:/prometheus", "series:/prometheus", "there is no volume series"),
        (
            "keys:/etc/churn",
            "keys/keys.yaml:/etc/churn/keys.yaml",
            "API_KEYS_FILE: mount its folder",
        ),
    ],
)
def test_so_it_is_in_compose(old: str, new: str, finding: str) -> None:
    text = (ROOT / "compose.yaml").read_text("utf-8")
    assert list(manifests.compose(yaml.safe_load(text))) == []
    (found,) = manifests.compose(yaml.safe_load(text.replace(old, new)))
    assert finding in found


def test_the_committed_dashboard_is_what_its_source_makes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And one changed by hand is found."""
    monkeypatch.setattr("sys.argv", ["dashboard.py", "--check"])
    assert dashboard.main() == 0
    changed = tmp_path / "api-overview.json"
    changed.write_text(dashboard.FILE.read_text().replace("0.95", "0.9"))
    monkeypatch.setattr(dashboard, "FILE", changed)
    assert dashboard.main() == 1


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, str]]:
    """The service, and the address of a Prometheus that scrapes it."""
    folder = tmp_path_factory.mktemp("scraped")
    with gunicorn(folder) as server, prometheus(folder, server.url) as url:
        yield server, url


@pytest.fixture
def scraped(watched: tuple[Server, str]) -> Iterator[str]:
    """A Prometheus that has scraped the service under load."""
    server, url = watched
    requests: list[tuple[str, str, object]] = [
        ("POST", "/predict", {"features": REQUIRED}),
        ("GET", "/customers/wa-0010/prediction", None),
    ]
    with load(server.url, requests, clients=2, pause=0.02):
        wait_until(lambda: scrapes(url) >= 3, "three scrapes")
        yield url


def scrapes(prometheus_url: str) -> int:
    found = query(prometheus_url, 'count_over_time(up{job="churn-api"}[1m])')
    return int(found[0]["value"][1]) if found else 0


def query(prometheus_url: str, expression: str) -> list[dict[str, Any]]:
    asked = urllib.parse.urlencode({"query": expression})
    status, text = fetch(f"{prometheus_url}/api/v1/query?{asked}")
    assert status == 200, text
    found: list[dict[str, Any]] = json.loads(text)["data"]["result"]
    return found


@pytest.mark.parametrize("panel", dashboard.dashboard()["panels"], ids=lambda p: p["title"])
def test_every_query_of_the_dashboard_has_data_after_load(
    scraped: str, panel: dict[str, Any]
) -> None:
    for target in panel["targets"]:
        expression = target["expr"].replace("$__rate_interval", "10s")
        wait_until(lambda e=expression: bool(query(scraped, e)), expression)


def test_every_panel_links_to_a_runbook_that_exists(client: Any) -> None:
    """At the address that alerts link to."""
    for panel in dashboard.dashboard()["panels"]:
        for link in panel["links"]:
            path = link["url"].removeprefix(alerts.BASE)
            assert path.startswith("/runbooks/")
            assert client.get(path).status_code == 200, path
