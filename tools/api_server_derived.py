"""Pods of the stand-in of a cluster, and what is told of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from tools.api_server_kinds import Object

if TYPE_CHECKING:
    from tools.api_server_cluster import Cluster

LABEL = "app.kubernetes.io/name"
TIME = "2026-11-29T03:00:00Z"
"""When everything began; nothing depends on it."""


def name_of(cluster: Cluster, owner: str, place: int) -> str:
    """The name of a pod: another one after a pod was deleted."""
    return f"{owner}-{digest_of([owner, place, cluster.deleted])[:5]}"


def pod(name: str, space: str, labels: Object, spec: Object, lacking: Sequence[str] = ()) -> Object:
    """Make a pod that runs, or waits for what it lacks."""
    waits = bool(lacking)
    containers = [
        {
            "name": container["name"],
            "image": container["image"],
            "imageID": "",
            "ready": not waits,
            "restartCount": 1,
            "state": {"waiting": {}} if waits else {"running": {"startedAt": TIME}},
            "lastState": {"terminated": {"exitCode": 1, "startedAt": TIME, "finishedAt": TIME}},
        }
        for container in spec["containers"]
    ]
    meta = {"name": name, "namespace": space, "labels": labels}
    phase = "Pending" if waits else "Running"
    ready = {"type": "Ready", "status": str(not waits)}
    status = {"phase": phase, "conditions": [ready], "containerStatuses": containers}
    made = {"apiVersion": "v1", "kind": "Pod", "metadata": meta}
    return {**made, "spec": {**spec, "nodeName": "node-1"}, "status": status}


def metrics(pod: Object) -> Object:
    """What a running pod uses."""
    usage = {"cpu": "120m", "memory": "210Mi"}
    containers = [{"name": c["name"], "usage": usage} for c in pod["spec"]["containers"]]
    meta = {name: pod["metadata"][name] for name in ("name", "namespace", "labels")}
    made = {"apiVersion": "metrics.k8s.io/v1beta1", "kind": "PodMetrics", "metadata": meta}
    return {**made, "timestamp": TIME, "window": "15s", "containers": containers}


def event(pod: Object) -> Object:
    """What the cluster says of a pod."""
    meta = pod["metadata"]
    about = {"kind": "Pod", "name": meta["name"], "namespace": meta["namespace"]}
    about["uid"] = meta["uid"]
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": f"{meta['name']}.started", "namespace": meta["namespace"]},
        "involvedObject": about,
        "reason": "Started",
        "message": "Started the container",
        "type": "Normal",
        "count": 1,
        "firstTimestamp": TIME,
        "lastTimestamp": TIME,
        "source": {"component": "kubelet"},
    }


def digest_of(made: object) -> str:
    """A short name of a value."""
    return hashlib.sha256(json.dumps(made, sort_keys=True).encode()).hexdigest()[:10]


def slices(cluster: Cluster) -> Iterator[Object]:
    """Make what says where each service's pods are."""
    for service in cluster.all("Service"):
        meta = service["metadata"]
        labels = {"kubernetes.io/service-name": meta["name"]}
        made = {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "endpoints": []}
        own = {"name": f"{meta['name']}-1", "namespace": meta["namespace"], "labels": labels}
        yield {**made, "addressType": "IPv4", "metadata": own}


def beside(cluster: Cluster) -> Iterator[Object]:
    """Make the pods that our network policies let in or out, by their label."""
    spaces: dict[str, str] = {}
    for policy in cluster.all("NetworkPolicy"):
        spec = policy["spec"]
        ends = [rule.get("from", []) for rule in spec.get("ingress", [])]
        ends += [rule.get("to", []) for rule in spec.get("egress", [])]
        for peer in (peer for peers in ends for peer in peers):
            if "podSelector" in peer and "namespaceSelector" not in peer:
                name = peer["podSelector"]["matchLabels"][LABEL]
                spaces[name] = policy["metadata"]["namespace"]
    for name, space in spaces.items():
        spec = {"containers": [{"name": name, "image": name}]}
        yield pod(name_of(cluster, name, 0), space, {LABEL: name}, spec)


def scale_of(made: Object) -> Object:
    """Make what `kubectl scale` reads."""
    names = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
    return {
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": {name: made["metadata"][name] for name in names},
        "spec": {"replicas": made["spec"]["replicas"]},
        "status": {"replicas": made["status"]["replicas"]},
    }
