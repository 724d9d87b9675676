"""Manifests, compose.yaml and dashboard are checked against the code, and faults are found."""

from __future__ import annotations

import json
import re
import urllib.parse
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonpatch
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
    assert made["HorizontalPodAutoscaler churn-api"]["spec"]["minReplicas"] == 3
    assert made["ConfigMap churn-api"]["data"]["RATE_LIMIT"] == "200/second"
    assert made["ConfigMap churn-api"]["data"]["WEB_CONCURRENCY"] == "2"
    assert {m["metadata"].get("namespace") for m in made.values()} == {None, "churn-mlops"}


def pod(made: Made) -> dict[str, Any]:
    found: dict[str, Any] = made["Deployment churn-api"]["spec"]["template"]["spec"]
    return found


def nightly(made: Made) -> dict[str, Any]:
    found: dict[str, Any] = made["CronJob churn-nightly-score"]["spec"]["jobTemplate"]["spec"]
    return found


def policy(made: Made) -> dict[str, Any]:
    found: dict[str, Any] = made["NetworkPolicy churn-api"]["spec"]
    return found


def _plain_password(made: Made) -> None:
    container(made)["env"][0] = {"name": "DATABASE_URL", "value": "postgresql://u:secret@h/n"}


def _no_policy(made: Made) -> None:
    labels = {"matchLabels": {"app.kubernetes.io/name": "churn-api"}}
    made["NetworkPolicy churn-api-database"]["spec"]["podSelector"] = labels


def _prometheus_elsewhere(made: Made) -> None:
    made["ConfigMap churn-api"]["data"]["PROMETHEUS_URL"] = "http://prometheus.monitoring.svc:9090"


def _prometheus_port(made: Made) -> None:
    made["ConfigMap churn-api"]["data"]["PROMETHEUS_URL"] = "http://prometheus.churn-mlops.svc:80"


def put(get: Callable[[Made], dict[str, Any]], *path: str | int, to: Any) -> Callable[[Made], None]:
    """Plant a value in what `get` gives; None: take away what is there."""

    def plant(made: Made) -> None:
        place: Any = get(made)
        for key in path[:-1]:
            place = place[key]
        if to is None:
            del place[path[-1]]
        else:
            place[path[-1]] = to

    return plant


def of(name: str) -> Callable[[Made], dict[str, Any]]:
    return lambda made: made[name]


DEPLOYMENT = of("Deployment churn-api")
JOB = of("Job churn-api-migration")
NIGHTLY = of("CronJob churn-nightly-score")
SCALER = of("HorizontalPodAutoscaler churn-api")
BUDGET = of("PodDisruptionBudget churn-api")
MONITOR = of("ServiceMonitor churn-api")
ANYBODY: list[dict[str, Any]] = [
    {},
    {"podSelector": {}},
    {"namespaceSelector": {}, "podSelector": {}},
    {"ipBlock": {"cidr": "0.0.0.0/0"}},
    {"ipBlock": {"cidr": "::/0"}},
]
"""Peers that leave out nobody."""


@pytest.mark.parametrize(
    ("plant", "finding"),
    [
        (put(of("ConfigMap churn-api"), "data", "DATABASE_ADDRESS", to="x"), "no such setting"),
        (put(container, "env", 1, "name", to="DATABASE_ADDRESS"), "no such setting"),
        (_plain_password, "give it by reference to a secret"),
        (put(container, "readinessProbe", "httpGet", "path", to="/ready"), "/ready is no route"),
        (put(container, "livenessProbe", to=None), "livenessProbe: there is none"),
        (put(container, "lifecycle", to=None), "lifecycle: wait in preStop"),
        (put(pod, "terminationGracePeriodSeconds", to=25), "give more than 25"),
        (put(pod, "securityContext", "runAsNonRoot", to=None), "another user than root"),
        (put(pod, "securityContext", "seccompProfile", to=None), "seccompProfile RuntimeDefault"),
        (put(pod, "automountServiceAccountToken", to=None), "give it no token"),
        (put(pod, "volumes", 0, "emptyDir", to={}), "tmp: give it a sizeLimit"),
        (put(container, "securityContext", "readOnlyRootFilesystem", to=None), "read-only root"),
        (put(container, "securityContext", "allowPrivilegeEscalation", to=None), "no escalation"),
        (put(container, "securityContext", "capabilities", "drop", to=["NET_RAW"]), "drop ALL"),
        (put(container, "securityContext", "capabilities", "add", to=["CHOWN"]), "add none"),
        (put(container, "resources", "requests", "cpu", to=None), "request cpu and memory"),
        (put(container, "resources", "limits", to={}), "limit its memory"),
        (put(DEPLOYMENT, "spec", "strategy", to={}), "stop no pod before"),
        (put(pod, "topologySpreadConstraints", to=[]), "spread its pods"),
        (put(JOB, "spec", "activeDeadlineSeconds", to=None), "let it end some time"),
        (put(nightly, "activeDeadlineSeconds", to=None), "let it end some time"),
        (
            put(nightly, "template", "spec", "securityContext", "runAsNonRoot", to=None),
            "another user than root",
        ),
        (put(NIGHTLY, "spec", "concurrencyPolicy", to="Replace"), "let no two runs overlap"),
        (put(NIGHTLY, "spec", "schedules", to="0 2 * * *"), "'schedules'"),
        (put(DEPLOYMENT, "spec", "replica", to=3), "'replica'"),
        (put(DEPLOYMENT, "spec", "replicas", to=3), "leave the number to the autoscaler"),
        (put(SCALER, "spec", "scaleTargetRef", "name", to="api"), "there is no Deployment api"),
        (put(SCALER, "spec", "minReplicas", to=1), "keeps some of its pods"),
        (put(BUDGET, "spec", "selector", "matchLabels", to={"a": "b"}), "keeps some of its pods"),
        (put(MONITOR, "spec", "endpoints", 0, "path", to="/prometheus"), "/prometheus is no route"),
        (put(MONITOR, "spec", "endpoints", 0, "port", to="web"), "web is no port"),
        (put(policy, "ingress", 0, "from", to=None), "say from whom"),
        (put(policy, "ingress", 0, "ports", to=None), "ingress: name the port"),
        (put(policy, "egress", 2, "to", to=[{}]), "say to whom"),
        *[(put(policy, "ingress", 0, "from", 1, to=peer), "say from whom") for peer in ANYBODY],
        (put(policy, "egress", 2, "ports", 0, "port", to=4317), "lets it call 4318"),
        (put(policy, "egress", 0, "ports", 0, "port", to=6380), "lets it call 6379"),
        (_prometheus_elsewhere, "lets it call 9090 in monitoring"),
        (_prometheus_port, "lets it call 80"),
    ],
)
def test_a_planted_fault_is_the_one_finding(
    made: Made, routes: set[str], plant: Callable[[Made], None], finding: str
) -> None:
    plant(made)
    (found,) = manifests.findings(list(made.values()), routes, manifests.graceful_timeout())
    assert finding in found


def test_a_pod_without_a_policy_is_found(made: Made, routes: set[str]) -> None:
    """Both directions, and what those beside the service can't call where others are held back."""
    _no_policy(made)
    found = list(manifests.findings(list(made.values()), routes, manifests.graceful_timeout()))
    places = ("Job churn-api-migration", "CronJob churn-nightly-score")
    assert [text.partition(": ")[0] for text in found] == [p for p in places for _ in range(4)]


def test_addresses_outside_the_cluster_can_be_allowed(made: Made, routes: set[str]) -> None:
    """As the guide says."""
    guide = (ROOT / "guides" / "deployment.md").read_text("utf-8")
    written = re.search(r"```yaml\n(  - target: {kind: NetworkPolicy.*?)```", guide, re.S)
    assert written
    for patch in yaml.safe_load(written[1]):
        target = made[f"{patch['target']['kind']} {patch['target']['name']}"]
        jsonpatch.apply_patch(target, yaml.safe_load(patch["patch"]), in_place=True)
    assert list(manifests.findings(list(made.values()), routes, manifests.graceful_timeout())) == []


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
        ("/etc/churn:ro", "/etc/churn", "mount it read-only"),
        ("  grafana-password: {file", "  grafana: {file", "there is no secret grafana-password"),
        ("user: redis", "cap_add: [SETUID]", "cap_add: take it away"),
        ("user: redis", "privileged: true", "privileged: take it away"),
        ("user: redis", "cap_drop: []", "cap_drop: give it ['ALL']"),
        ("user: redis", "security_opt: []", "security_opt: give it"),
        ("user: redis", "read_only: false", "read_only: give it True"),
        ("    mem_limit: 384m\n", "", "mem_limit: there is none"),
        ('"127.0.0.1:9090:9090"', '"9090:9090"', "let only this machine call"),
        (
            "GF_SECURITY_ADMIN_PASSWORD__FILE: /run",
            "GF_USERS_DEFAULT_THEME: /run",
            "everyone knows",
        ),
        ("/run/secrets/grafana-password", "/run/secrets/grafana", "no secret of this service"),
        (
            "churn:${POSTGRES_PASSWORD:?see guides/deployment.md}@postgres/churn\n      CACHE",
            "churn:secret@postgres/churn\n      CACHE",
            "DATABASE_URL: refer to a variable",
        ),
        (
            "POSTGRES_PASSWORD: ${POSTGRES_PASSWORD:?see guides/deployment.md}",
            "POSTGRES_PASSWORD: ${POSTGRES_PASSWORD:-churn}",
            "refer to a variable",
        ),
    ],
)
def test_so_it_is_in_compose(old: str, new: str, finding: str) -> None:
    text = (ROOT / "compose.yaml").read_text("utf-8")
    assert list(manifests.compose(yaml.safe_load(text))) == []
    found = list(manifests.compose(yaml.safe_load(text.replace(old, new))))
    assert [finding in line for line in found] == [True]


def test_no_runbook_sets_what_the_autoscaler_would_undo() -> None:
    """The number of pods; runbooks change the autoscaler's limits, which it keeps to."""
    text = "".join(path.read_text("utf-8") for path in sorted((ROOT / "runbooks").glob("*.md")))
    assert "kubectl scale" not in text
    changes = re.findall(r"kubectl patch -n churn-mlops hpa/churn-api -p '(.*)'", text)
    scaler = manifests.overlay(PRODUCTION)
    (spec,) = [m["spec"] for m in scaler if m["kind"] == "HorizontalPodAutoscaler"]
    assert changes
    for change in changes:
        limits = spec | json.loads(change)["spec"]
        assert limits.keys() == spec.keys()
        assert limits["minReplicas"] <= limits["maxReplicas"]


def test_limits_that_all_share_are_checked_in_each() -> None:
    made = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
    for service in made["services"].values():
        del service["pids_limit"], service["logging"]
    assert len(list(manifests.compose(made))) == 2 * len(made["services"])


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
