"""What rules of manifests share: their type, and the pods and containers in them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Manifest = dict[str, Any]
Named = dict[tuple[str, str], Manifest]
"""Manifests by kind and name."""


def run_of(manifest: Manifest) -> Manifest:
    """The specification of what runs: a Deployment's or Job's own, a CronJob's of its jobs."""
    spec: Manifest = manifest.get("spec", {})
    return spec["jobTemplate"]["spec"] if manifest["kind"] == "CronJob" else spec


def pod_of(manifest: Manifest) -> Manifest:
    """The pod's specification in a Deployment, Job or CronJob; of others an empty one."""
    found: Manifest = run_of(manifest).get("template", {}).get("spec", {})
    return found


def containers(manifests: list[Manifest]) -> Iterator[Manifest]:
    """Every container of every pod, and those that run before."""
    for manifest in manifests:
        pod = pod_of(manifest)
        yield from (*pod.get("initContainers", []), *pod.get("containers", []))
