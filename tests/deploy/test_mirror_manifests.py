"""The mirror's manifests keep the rules of the service's, and nginx serves a mirror as they say."""

from __future__ import annotations

import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from flask import Flask

from app.http.security_headers import CONTENT_SECURITY_POLICY
from scripts import manifests
from tools.nginx import nginx_mirror
from tools.servers import ROOT, churn, fetch

MIRROR = ROOT / "deploy" / "kubernetes" / "mirror"

Made = dict[str, dict[str, Any]]


@pytest.fixture
def made() -> Made:
    return {f"{m['kind']} {m['metadata']['name']}": m for m in manifests.overlay(MIRROR)}


def pod(made: Made) -> Any:
    return made["Deployment churn-handbook"]["spec"]["template"]["spec"]


def ingress(made: Made) -> Any:
    return made["Ingress churn-handbook"]


@pytest.mark.parametrize(
    ("plant", "finding"),
    [
        (lambda m: pod(m)["initContainers"][0].pop("securityContext"), "build: securityContext"),
        (lambda m: pod(m)["initContainers"][0].pop("resources"), "build: resources"),
        (lambda m: pod(m)["containers"][0].pop("readinessProbe"), "readinessProbe: there is none"),
        (lambda m: m["Deployment churn-handbook"]["spec"].pop("replicas"), "keeps some of its"),
        (lambda m: m.pop("NetworkPolicy churn-handbook"), "holds back its egress"),
        (lambda m: ingress(m)["metadata"].pop("annotations"), "ask for a password"),
        (lambda m: ingress(m)["spec"].pop("tls"), "there is none for handbook.example.com"),
        (lambda m: m.pop("Service churn-handbook"), "there is no Service churn-handbook"),
    ],
)
def test_a_planted_fault_is_found(
    made: Made, app: Flask, plant: Callable[[Made], object], finding: str
) -> None:
    routes = {rule.rule for rule in app.url_map.iter_rules()}
    assert list(manifests.findings([*made.values()], routes, 20)) == []
    plant(made)
    assert finding in "\n".join(manifests.findings([*made.values()], routes, 20))


def test_it_survives_the_service(made: Made) -> None:
    """Nothing of it is in the service's namespace, and alerts link to its ingress."""
    assert {m["metadata"].get("namespace") for m in made.values()} == {None, "churn-handbook"}
    addresses = yaml.safe_load((ROOT / "deploy" / "addresses.yaml").read_text("utf-8"))
    assert addresses["mirror"] == f"https://{ingress(made)['spec']['rules'][0]['host']}"


def test_nginx_serves_it(made: Made, tmp_path: Path) -> None:
    """Under the service's own paths too, with its policy, and without an address of this server."""
    mirror = tmp_path / "mirror"
    (build,) = pod(made)["initContainers"]
    assert build["args"][:3] == ["churn", "handbook", "build"]
    done = churn(*build["args"][1:-1], str(mirror))
    assert done.returncode == 0, done.stderr
    text = made["ConfigMap churn-handbook"]["data"]["default.conf"]
    with nginx_mirror(tmp_path, mirror, text) as url:
        for path in ("/", "/runbooks", "/runbooks/service-down", "/runbooks/service-down.html"):
            status, page = fetch(url + path)
            assert (status, "Mirror of the handbook" in page) == (200, True), path
        assert fetch(f"{url}/runbooks/nothing")[0] == 404
        with urllib.request.urlopen(f"{url}/static/handbook.css") as answer:
            assert answer.headers["Content-Type"].startswith("text/css")
            assert answer.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
