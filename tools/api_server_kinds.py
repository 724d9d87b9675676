"""The kinds of objects that the stand-in of a cluster knows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Object = dict[str, Any]


class RefusedError(Exception):
    """The cluster refuses a request, with a status of HTTP and a reason of its own."""

    def __init__(self, status: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.status, self.reason, self.message = status, reason, message


@dataclass(frozen=True)
class Kind:
    """One kind of object.

    Args:
        version: group and version, as `apiVersion` has it.
        name: the plural in addresses.
        kind: as manifests have it.
        short: how people shorten it.
        namespaced: whether its objects belong to a namespace.
        scales: whether it has a number of replicas that can be set alone.
    """

    version: str
    name: str
    kind: str
    short: str = ""
    namespaced: bool = True
    scales: bool = False

    @property
    def group(self) -> str:
        """The group; empty for the core's."""
        return self.version.rpartition("/")[0]


KINDS = (
    Kind("v1", "configmaps", "ConfigMap", "cm"),
    Kind("v1", "endpoints", "Endpoints", "ep"),
    Kind("v1", "events", "Event", "ev"),
    Kind("v1", "namespaces", "Namespace", "ns", namespaced=False),
    Kind("v1", "nodes", "Node", "no", namespaced=False),
    Kind("v1", "pods", "Pod", "po"),
    Kind("v1", "secrets", "Secret"),
    Kind("v1", "serviceaccounts", "ServiceAccount", "sa"),
    Kind("v1", "services", "Service", "svc"),
    Kind("apps/v1", "deployments", "Deployment", "deploy", scales=True),
    Kind("apps/v1", "replicasets", "ReplicaSet", "rs", scales=True),
    Kind("apps/v1", "statefulsets", "StatefulSet", "sts", scales=True),
    Kind("autoscaling/v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler", "hpa"),
    Kind("batch/v1", "cronjobs", "CronJob", "cj"),
    Kind("batch/v1", "jobs", "Job"),
    Kind("discovery.k8s.io/v1", "endpointslices", "EndpointSlice"),
    Kind("metrics.k8s.io/v1beta1", "pods", "PodMetrics"),
    Kind("monitoring.coreos.com/v1", "prometheusrules", "PrometheusRule", "promrule"),
    Kind("monitoring.coreos.com/v1", "servicemonitors", "ServiceMonitor", "smon"),
    Kind("networking.k8s.io/v1", "ingresses", "Ingress", "ing"),
    Kind("networking.k8s.io/v1", "networkpolicies", "NetworkPolicy", "netpol"),
    Kind("policy/v1", "poddisruptionbudgets", "PodDisruptionBudget", "pdb"),
)

PLACES = {(kind.version, kind.name): kind for kind in KINDS}
"""By version and plural, as addresses have them."""

NAMES = {(kind.version, kind.kind): kind for kind in KINDS}
"""By version and kind, as manifests have them."""
