"""What rules of manifests share: their type, and the pods and containers in them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Manifest = dict[str, Any]
Named = dict[tuple[str, str], Manifest]
"""Manifests by kind and name."""


def pod_of(manifest: Manifest) -> Manifest:
    """The pod's specification in a Deployment or Job; of others an empty one."""
    found: Manifest = manifest.get("spec", {}).get("template", {}).get("spec", {})
    return found


def containers(manifests: list[Manifest]) -> Iterator[Manifest]:
    """Every container of every pod, and those that run before."""
    for manifest in manifests:
        pod = pod_of(manifest)
        yield from (*pod.get("initContainers", []), *pod.get("containers", []))
