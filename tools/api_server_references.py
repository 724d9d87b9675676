"""What objects refer to by name: pods wait for it, and others fail without a word."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tools.api_server_kinds import Object

if TYPE_CHECKING:
    from tools.api_server_cluster import Cluster

Reference = tuple[str, str, str]
"""Kind, name, and the key that must be there or nothing."""

PASSWORDS = "nginx.ingress.kubernetes.io/auth-secret"
"""The annotation of an ingress that names the secret with its readers."""


def missing(cluster: Cluster, space: str, pod: Object) -> list[str]:
    """List what a pod's specification refers to and the namespace doesn't have."""
    return _absent(cluster, space, _of_pod(pod))


def dangling(cluster: Cluster) -> Iterator[str]:
    """List every object that refers to something that isn't there."""
    for (kind, space, name), made in cluster.objects.items():
        for lacking in _absent(cluster, space, _of(kind, made)):
            yield f"{kind} {name} refers to {lacking}, which is not there"


def _absent(cluster: Cluster, space: str, wanted: Iterator[Reference]) -> list[str]:
    lacking = []
    for kind, name, key in wanted:
        found = cluster.get(kind, space, name)
        if found is None or (key and key not in found.get("data", {})):
            lacking.append(f"{kind} {name} {key}".strip())
    return lacking


def _of(kind: str, made: Object) -> Iterator[Reference]:
    if kind in ("Deployment", "Job"):
        yield from _of_pod(made["spec"]["template"]["spec"])
    elif kind == "CronJob":
        yield from _of_pod(made["spec"]["jobTemplate"]["spec"]["template"]["spec"])
    elif kind == "ServiceMonitor":
        for endpoint in made["spec"]["endpoints"]:
            secret = endpoint["authorization"]["credentials"]
            yield "Secret", secret["name"], secret["key"]
    elif kind == "Ingress":
        if PASSWORDS in (notes := made["metadata"].get("annotations", {})):
            yield "Secret", notes[PASSWORDS], ""
    elif kind == "HorizontalPodAutoscaler":
        target = made["spec"]["scaleTargetRef"]
        yield target["kind"], target["name"], ""


def _of_pod(pod: Object) -> Iterator[Reference]:
    for container in (*pod.get("initContainers", []), *pod["containers"]):
        for source in container.get("envFrom", []):
            yield "ConfigMap", source["configMapRef"]["name"], ""
        for variable in container.get("env", []):
            reference = variable.get("valueFrom", {}).get("secretKeyRef")
            if reference and not reference.get("optional"):
                yield "Secret", reference["name"], reference["key"]
    for volume in pod.get("volumes", []):
        if "secret" in volume:
            yield "Secret", volume["secret"]["secretName"], ""
        if "configMap" in volume:
            yield "ConfigMap", volume["configMap"]["name"], ""
    if "serviceAccountName" in pod:
        yield "ServiceAccount", pod["serviceAccountName"], ""
