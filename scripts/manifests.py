"""Check the Kubernetes manifests and compose.yaml against the code and the published schemas.

Findings are printed one a line; the exit status is 1 where there are any.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonpatch
import kubernetes_validate
import yaml

from app import config, create_app

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "deploy" / "kubernetes"

VARIABLES = set(re.findall(r'^    """`([A-Z_]+)`', Path(config.__file__).read_text("utf-8"), re.M))
"""The settings that the code reads."""

Manifest = dict[str, Any]


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


def containers(manifests: list[Manifest]) -> Iterator[Manifest]:
    """Every container of every pod."""
    for manifest in manifests:
        pod = manifest.get("spec", {}).get("template", {}).get("spec", {})
        yield from pod.get("containers", [])


def findings(manifests: list[Manifest], routes: set[str], graceful: int) -> Iterator[str]:
    """What is wrong with manifests.

    Args:
        manifests: all that are applied together.
        routes: the paths that the service answers.
        graceful: gunicorn's graceful_timeout, in seconds.
    """
    named = {(m["kind"], m["metadata"]["name"]): m for m in manifests}
    for manifest in manifests:
        place = f"{manifest['kind']} {manifest['metadata']['name']}"
        try:
            if not manifest["apiVersion"].startswith("monitoring.coreos.com/"):
                kubernetes_validate.validate(manifest, "1.37", strict=True)
        except kubernetes_validate.ValidationError as error:
            yield f"{place}: {error.message}"
        if manifest["kind"] == "ConfigMap":
            for name in sorted(manifest["data"].keys() - VARIABLES):
                yield f"{place}: {name}: there is no such setting"
        if manifest["kind"] == "ServiceMonitor":
            yield from _monitor(place, manifest, named, routes)
        pod = manifest.get("spec", {}).get("template", {}).get("spec")
        if pod:
            yield from _pod(place, pod, named, routes, graceful)
    scaled = named["HorizontalPodAutoscaler", "churn-api"]["spec"]["scaleTargetRef"]
    if (scaled["kind"], scaled["name"]) not in named:
        yield f"HorizontalPodAutoscaler churn-api: there is no {scaled['kind']} {scaled['name']}"


def _pod(
    place: str, pod: Manifest, named: dict[tuple[str, str], Manifest], routes: set[str], drain: int
) -> Iterator[str]:
    if not pod.get("securityContext", {}).get("runAsNonRoot"):
        yield f"{place}: securityContext: run it as another user than root"
    for container in pod["containers"]:
        where = f"{place}: {container['name']}"
        yield from _settings(where, container, named)
        for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
            if probe in container and container[probe]["httpGet"]["path"] not in routes:
                yield f"{where}: {probe}: {container[probe]['httpGet']['path']} is no route"
        context = container.get("securityContext", {})
        if not context.get("readOnlyRootFilesystem") or context.get("allowPrivilegeEscalation"):
            yield f"{where}: securityContext: give it a read-only root and no escalation"
        if "lifecycle" in container:
            needed = int(container["lifecycle"]["preStop"]["exec"]["command"][-1]) + drain
            if pod.get("terminationGracePeriodSeconds", 30) <= needed:
                yield (
                    f"{where}: terminationGracePeriodSeconds: give more than {needed}, which "
                    "preStop and gunicorn's graceful_timeout take together"
                )


def _settings(
    where: str, container: Manifest, named: dict[tuple[str, str], Manifest]
) -> Iterator[str]:
    for variable in container.get("env", []):
        if variable["name"] not in VARIABLES:
            yield f"{where}: {variable['name']}: there is no such setting"
        if "value" in variable and variable["name"] == "DATABASE_URL":
            yield f"{where}: DATABASE_URL: give it by reference to a secret"
    for source in container.get("envFrom", []):
        reference = source["configMapRef"]["name"]
        if ("ConfigMap", reference) not in named:
            yield f"{where}: there is no ConfigMap {reference}"


def _monitor(
    place: str, manifest: Manifest, named: dict[tuple[str, str], Manifest], routes: set[str]
) -> Iterator[str]:
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


def compose(made: Manifest) -> Iterator[str]:
    """List faults of compose.yaml: unknown settings, missing or unmounted files."""
    for name, service in made["services"].items():
        for variable in service.get("environment", {}) if "build" in service else ():
            if variable not in VARIABLES:
                yield f"compose.yaml: {name}: {variable}: there is no such setting"
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            made_by_guide = source.startswith("./instance/")
            if source.startswith("./") and not made_by_guide and not (ROOT / source).exists():
                yield f"compose.yaml: {name}: {source} is not there"
            if not source.startswith(".") and source not in made["volumes"]:
                yield f"compose.yaml: {name}: there is no volume {source}"
        folders = [volume.split(":")[1] for volume in service.get("volumes", [])]
        keys = service.get("environment", {}).get("API_KEYS_FILE")
        if keys and keys.rpartition("/")[0] not in folders:
            yield f"compose.yaml: {name}: API_KEYS_FILE: mount its folder, for it is replaced whole"
        for other in service.get("depends_on", {}):
            if other not in made["services"]:
                yield f"compose.yaml: {name}: there is no service {other}"


def graceful_timeout() -> int:
    """What gunicorn.conf.py gives requests to end."""
    text = config.GUNICORN_CONFIGURATION.read_text()
    match = re.search(r"^graceful_timeout = (\d+)$", text, re.M)
    return int(match[1]) if match else 0


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
