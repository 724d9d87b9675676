"""How the stand-in of a cluster tells a client which kinds of objects there are, and where."""

from __future__ import annotations

import json

from tools.api_server_kinds import KINDS, PLACES, Kind, Object, RefusedError

AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
"""The content type of the list of kinds."""

_VERBS = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]

_ALL = ("Pod", "Service", "Deployment", "ReplicaSet", "StatefulSet", "CronJob", "Job")
"""What `kubectl get all` gets."""


def document(path: str) -> str | None:
    """The answers that depend on no object."""
    if path == "/version":
        version = {"major": "1", "minor": "37", "gitVersion": "v1.37.1", "platform": "linux/amd64"}
        return json.dumps(version)
    if path in ("/api", "/apis"):
        return json.dumps(_groups(core=path == "/api"))
    if path.startswith("/openapi/v3"):
        prefix = path.removeprefix("/openapi/v3")
        return json.dumps(_openapi(prefix) if prefix else _openapi_list())
    return None


def place(words: list[str]) -> tuple[Kind, str, list[str]]:
    """The kind, the namespace and the rest of an address."""
    start = 2 if words[0] == "api" else 3
    version, rest = "/".join(words[1:start]), words[start:]
    space = ""
    if rest[:1] == ["namespaces"] and len(rest) > 2:
        space, rest = rest[1], rest[2:]
    try:
        return PLACES[version, rest[0]], space, rest[1:]
    except (KeyError, IndexError):
        message = "the server could not find the requested resource"
        raise RefusedError(404, "NotFound", message) from None


def _groups(core: bool) -> Object:
    """The list of kinds: the core's, or those of all groups."""
    groups: dict[str, dict[str, list[Object]]] = {}
    for kind in KINDS:
        if core == (kind.group == ""):
            versions = groups.setdefault(kind.group, {})
            versions.setdefault(kind.version.rpartition("/")[2], []).append(_resource(kind))
    items = [
        {
            "metadata": {"name": group} if group else {},
            "versions": [
                {"version": version, "freshness": "Current", "resources": resources}
                for version, resources in versions.items()
            ],
        }
        for group, versions in groups.items()
    ]
    return {
        "kind": "APIGroupDiscoveryList",
        "apiVersion": "apidiscovery.k8s.io/v2",
        "metadata": {},
        "items": items,
    }


def _resource(kind: Kind) -> Object:
    group, _, version = kind.version.rpartition("/")
    made: Object = {
        "resource": kind.name,
        "responseKind": {"group": group, "version": version, "kind": kind.kind},
        "scope": "Namespaced" if kind.namespaced else "Cluster",
        "singularResource": kind.kind.lower(),
        "shortNames": [kind.short] if kind.short else [],
        "verbs": _VERBS,
        "categories": ["all"] if kind.kind in _ALL else [],
    }
    if kind.scales:
        scale = {"group": "autoscaling", "version": "v1", "kind": "Scale"}
        verbs = ["get", "patch", "update"]
        made["subresources"] = [{"subresource": "scale", "responseKind": scale, "verbs": verbs}]
    return made


def _openapi_list() -> Object:
    """The addresses of the groups' documents of OpenAPI."""
    versions = {kind.version: _prefix(kind.version) for kind in KINDS}
    paths = {
        prefix.strip("/"): {"serverRelativeURL": f"/openapi/v3{prefix}"}
        for prefix in versions.values()
    }
    return {"paths": paths}


def _openapi(prefix: str) -> Object:
    """A group's document: as much as tells a client that the server checks fields itself."""
    paths: Object = {}
    parameter = {"name": "fieldValidation", "in": "query", "schema": {"type": "string"}}
    for kind in KINDS:
        if _prefix(kind.version) == prefix:
            group, _, version = kind.version.rpartition("/")
            named = {"group": group, "version": version, "kind": kind.kind}
            patch = {"parameters": [parameter], "x-kubernetes-group-version-kind": named}
            place = "namespaces/{namespace}/" if kind.namespaced else ""
            paths[f"{prefix}/{place}{kind.name}/{{name}}"] = {"patch": patch}
    info = {"title": "Kubernetes", "version": "v1.37.1"}
    return {"openapi": "3.0.0", "info": info, "paths": paths}


def _prefix(version: str) -> str:
    return f"/apis/{version}" if "/" in version else f"/api/{version}"
