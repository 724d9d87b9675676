"""Check the Kubernetes manifests and compose.yaml against the code and the published schemas.

Findings are printed one a line; the exit status is 1 where there are any.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import jsonpatch
import kubernetes_validate
import yaml

from app import config, create_app
from scripts.compose_rules import compose_findings
from scripts.manifest_kinds import Manifest, Named, containers, pod_of
from scripts.network_rules import network_findings
from scripts.pod_rules import pod_findings

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "deploy" / "kubernetes"

VARIABLES = set(re.findall(r'^    """`([A-Z_]+)`', Path(config.__file__).read_text("utf-8"), re.M))
"""The settings that the code reads."""


AUTH = "nginx.ingress.kubernetes.io/auth"


def overlay(folder: Path) -> list[Manifest]:
    """Build a kustomization from resources, images and JSON patches, which is all that ours use."""
    made = yaml.safe_load((folder / "kustomization.yaml").read_text("utf-8"))
    found: list[Manifest] = []
    for name in made["resources"]:
        found += overlay(folder / name) if (folder / name).is_dir() else _read(folder / name)
    for manifest in found:
        if "namespace" in made and manifest["kind"] != "Namespace":
            manifest["metadata"]["namespace"] = made["namespace"]
    for patch in made.get("patches", []):
        target = patch["target"]["kind"], patch["target"]["name"]
        (manifest,) = [m for m in found if (m["kind"], m["metadata"]["name"]) == target]
        jsonpatch.apply_patch(manifest, yaml.safe_load(patch["patch"]), in_place=True)
    for image in made.get("images", []):
        for container in containers(found):
            if container["image"].partition(":")[0] == image["name"]:
                container["image"] = f"{image['newName']}:{image['newTag']}"
    return found


def _read(path: Path) -> list[Manifest]:
    return [found for found in yaml.safe_load_all(path.read_text("utf-8")) if found]


def findings(manifests: list[Manifest], routes: set[str], graceful: int) -> Iterator[str]:
    """What is wrong with manifests.

    Args:
        manifests: all that are applied together.
        routes: the paths that the service answers.
        graceful: gunicorn's graceful_timeout, in seconds.
    """
    named = {(m["kind"], m["metadata"]["name"]): m for m in manifests}
    variables = _read_as_variables(manifests)
    for manifest in manifests:
        place = f"{manifest['kind']} {manifest['metadata']['name']}"
        try:
            if not manifest["apiVersion"].startswith("monitoring.coreos.com/"):
                kubernetes_validate.validate(manifest, "1.37", strict=True)
        except kubernetes_validate.ValidationError as error:
            yield f"{place}: {error.message}"
        if manifest["kind"] == "ConfigMap" and manifest["metadata"]["name"] in variables:
            for name in sorted(manifest["data"].keys() - VARIABLES):
                yield f"{place}: {name}: there is no such setting"
        if manifest["kind"] == "Ingress":
            yield from _ingress(place, manifest, named)
        if manifest["kind"] == "ServiceMonitor":
            yield from _monitor(place, manifest, named, routes)
        if pod_of(manifest):
            yield from _settings(place, manifest, named)
            yield from pod_findings(place, manifest, routes, graceful)
    yield from _scaling(named)
    yield from network_findings(manifests)


def _scaling(named: Named) -> Iterator[str]:
    """Check that one part sets the number of pods, and that some stay while nodes are emptied."""
    scaled: dict[tuple[str, str], Manifest] = {}
    for (kind, name), manifest in named.items():
        if kind == "HorizontalPodAutoscaler":
            reference = manifest["spec"]["scaleTargetRef"]
            target = reference["kind"], reference["name"]
            if target not in named:
                yield f"{kind} {name}: there is no {' '.join(target)}"
                return
            scaled[target] = manifest["spec"]
    budgets = [m["spec"] for (kind, _), m in named.items() if kind == "PodDisruptionBudget"]
    for target, spec in [(key, m["spec"]) for key, m in named.items() if key[0] == "Deployment"]:
        if target in scaled and "replicas" in spec:
            yield f"{' '.join(target)}: replicas: leave the number to the autoscaler"
        pods = scaled[target]["minReplicas"] if target in scaled else spec.get("replicas", 1)
        labels = spec["template"]["metadata"]["labels"]
        kept = [b["maxUnavailable"] for b in budgets if b["selector"]["matchLabels"] == labels]
        if not kept or pods <= kept[0]:
            yield f"{' '.join(target)}: give it a PodDisruptionBudget that keeps some of its pods"


def _ingress(place: str, manifest: Manifest, named: Named) -> Iterator[str]:
    """Check that an ingress asks who reads, over TLS, and leads to a service."""
    notes = manifest["metadata"].get("annotations", {})
    if not {f"{AUTH}-type", f"{AUTH}-secret"} <= notes.keys():
        yield f"{place}: annotations: ask for a password ({AUTH}-type and -secret)"
    spec = manifest["spec"]
    hosts = {host for entry in spec.get("tls", []) for host in entry["hosts"]}
    for rule in spec["rules"]:
        if rule["host"] not in hosts:
            yield f"{place}: tls: there is none for {rule['host']}"
        for path in rule["http"]["paths"]:
            service = path["backend"]["service"]
            found = named.get(("Service", service["name"]), {"spec": {"ports": []}})
            if service["port"]["name"] not in [port["name"] for port in found["spec"]["ports"]]:
                yield f"{place}: there is no Service {service['name']} with that port"


def _read_as_variables(manifests: list[Manifest]) -> set[str]:
    """Names of the ConfigMaps that containers read as variables; others are mounted as files."""
    sources = [source for c in containers(manifests) for source in c.get("envFrom", [])]
    return {source["configMapRef"]["name"] for source in sources}


def _settings(place: str, manifest: Manifest, named: Named) -> Iterator[str]:
    for container in containers([manifest]):
        where = f"{place}: {container['name']}"
        for variable in container.get("env", []):
            if variable["name"] not in VARIABLES:
                yield f"{where}: {variable['name']}: there is no such setting"
            if "value" in variable and variable["name"] == "DATABASE_URL":
                yield f"{where}: DATABASE_URL: give it by reference to a secret"
        for source in container.get("envFrom", []):
            reference = source["configMapRef"]["name"]
            if ("ConfigMap", reference) not in named:
                yield f"{where}: there is no ConfigMap {reference}"


def _monitor(place: str, manifest: Manifest, named: Named, routes: set[str]) -> Iterator[str]:
    labels = manifest["spec"]["selector"]["matchLabels"].items()
    services = [
        m
        for (kind, _), m in named.items()
        if kind == "Service" and labels <= m["metadata"]["labels"].items()
    ]
    ports = {port["name"] for service in services for port in service["spec"]["ports"]}
    for endpoint in manifest["spec"]["endpoints"]:
        if endpoint["port"] not in ports:
            yield f"{place}: {endpoint['port']} is no port of a service that it selects"
        if endpoint["path"] not in routes:
            yield f"{place}: {endpoint['path']} is no route"


def graceful_timeout() -> int:
    """What gunicorn.conf.py gives requests to end."""
    text = config.GUNICORN_CONFIGURATION.read_text()
    match = re.search(r"^graceful_timeout = (\d+)$", text, re.M)
    return int(match[1]) if match else 0


def compose(made: Manifest) -> Iterator[str]:
    """List faults of compose.yaml."""
    return compose_findings(made, VARIABLES, ROOT)


def main() -> int:
    """Check base, overlays and compose.yaml."""
    routes = {rule.rule for rule in create_app().url_map.iter_rules()}
    found = []
    for kustomization in sorted(FOLDER.rglob("kustomization.yaml")):
        manifests = overlay(kustomization.parent)
        where = kustomization.parent.relative_to(ROOT)
        found += [f"{where}: {text}" for text in findings(manifests, routes, graceful_timeout())]
    found += compose(yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8")))
    sys.stdout.writelines(f"{text}\n" for text in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
