"""Rules for network policies: each pod has some, each names who and which port, none is missing."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_network
from typing import Any
from urllib.parse import urlsplit

from scripts.manifest_kinds import Manifest, containers, pod_of, run_of

PORTS = {
    "DATABASE_URL": 5432,
    "CACHE_URL": 6379,
    "PROMETHEUS_URL": 9090,
    "ALERTMANAGER_URL": 9093,
    "OTEL_EXPORTER_OTLP_ENDPOINT": 4318,
}
"""The settings that name a server which the service calls, and its usual port."""

DNS = 53


def network_findings(manifests: list[Manifest]) -> Iterator[str]:
    """List faults of the policies, and what the pods need but may not call."""
    policies = [m for m in manifests if m["kind"] == "NetworkPolicy"]
    for policy in policies:
        yield from _policy(f"NetworkPolicy {policy['metadata']['name']}", policy["spec"])
    for manifest in manifests:
        if pod_of(manifest):
            place = f"{manifest['kind']} {manifest['metadata']['name']}"
            labels = run_of(manifest)["template"]["metadata"]["labels"]
            own = [p["spec"] for p in policies if _selects(p["spec"]["podSelector"], labels)]
            yield from _held(place, own)
            yield from _needs(place, own, manifest, manifests)


def _policy(place: str, spec: Manifest) -> Iterator[str]:
    for rules, peers in (("ingress", "from"), ("egress", "to")):
        for rule in spec.get(rules, []):
            if not rule.get("ports"):
                yield f"{place}: {rules}: name the port"
            named = rule.get(peers, [])
            if not named or any(map(_anybody, named)):
                yield f"{place}: {rules}: say {peers} whom; this allows anybody"


def _anybody(peer: Manifest) -> bool:
    """Whether a peer is every pod, of a namespace or of all, or every address of the internet."""
    if "ipBlock" in peer:
        return ip_network(peer["ipBlock"]["cidr"]).prefixlen == 0
    selectors = [peer[key] for key in ("namespaceSelector", "podSelector") if key in peer]
    return not any(selector.get("matchLabels") for selector in selectors)


def _selects(selector: Manifest, labels: dict[str, str]) -> bool:
    """Whether labels match; of expressions we use only `In`."""
    return selector.get("matchLabels", {}).items() <= labels.items() and all(
        labels.get(expression["key"]) in expression["values"]
        for expression in selector.get("matchExpressions", [])
    )


def _held(place: str, policies: list[Manifest]) -> Iterator[str]:
    for direction in ("Ingress", "Egress"):
        if not any(direction in policy["policyTypes"] for policy in policies):
            yield f"{place}: no NetworkPolicy holds back its {direction.lower()}"


def _needs(
    place: str, policies: list[Manifest], manifest: Manifest, manifests: list[Manifest]
) -> Iterator[str]:
    """Compare what a pod's settings name with what its policies allow."""
    allowed = {
        (_namespace(peer), port["port"])
        for policy in policies
        for rule in policy.get("egress", [])
        for peer in rule.get("to", [])
        for port in rule.get("ports", [])
    }
    called = list(_called(manifest, manifests))
    names: list[tuple[str, int, str | None]] = [("DNS", DNS, None)] if called else []
    for name, port, namespace in names + called:
        if not any(port == p and namespace in {None, n} for n, p in allowed):
            where = f"{port} in {namespace}" if namespace else f"{port}"
            yield f"{place}: {name}: no NetworkPolicy lets it call {where}"


def _namespace(peer: Manifest) -> str:
    """The namespace of a peer; empty: the policy's own, or none for an address."""
    labels = peer.get("namespaceSelector", {}).get("matchLabels", {})
    found: str = labels.get("kubernetes.io/metadata.name", "")
    return found


def _called(manifest: Manifest, manifests: list[Manifest]) -> Iterator[tuple[str, int, str | None]]:
    """Yield the servers that a pod calls: setting, port, and the namespace if the address has one.

    A pod that reads a ConfigMap may be given any of them.
    """
    own = manifest["metadata"].get("namespace")
    maps: dict[str, Any] = {m["metadata"]["name"]: m for m in manifests if m["kind"] == "ConfigMap"}
    for container in containers([manifest]):
        given = {v["name"]: "" for v in container.get("env", [])}
        for source in container.get("envFrom", []):
            found = maps.get(source["configMapRef"]["name"], {"data": {}})
            given = dict.fromkeys(PORTS, "") | given | found["data"]
        for name in sorted(PORTS.keys() & given.keys()):
            address = urlsplit(given[name])
            host = (address.hostname or "").split(".")
            namespace = host[1] if host[2:3] == ["svc"] else None
            yield name, address.port or PORTS[name], "" if namespace == own else namespace
