"""Rules for pods: no rights, limits for what they use and how long they take, probes, a drain."""

from __future__ import annotations

from collections.abc import Iterator

from scripts.manifest_kinds import Manifest, containers, pod_of, run_of

PROBES = ("startupProbe", "readinessProbe", "livenessProbe")


def pod_findings(place: str, manifest: Manifest, routes: set[str], drain: int) -> Iterator[str]:
    """List faults of the pod of a Deployment, Job or CronJob.

    Args:
        place: what findings begin with.
        manifest: the Deployment, Job or CronJob.
        routes: the paths that the service answers.
        drain: seconds that gunicorn gives requests to end.
    """
    pod = pod_of(manifest)
    yield from _restricted(place, pod)
    for container in containers([manifest]):
        yield from _rights(f"{place}: {container['name']}", container)
    for container in pod["containers"]:
        where = f"{place}: {container['name']}"
        yield from _probes(where, container, routes, manifest["kind"] == "Deployment")
        if "lifecycle" in container:
            needed = int(container["lifecycle"]["preStop"]["exec"]["command"][-1]) + drain
            if pod.get("terminationGracePeriodSeconds", 30) <= needed:
                yield (
                    f"{where}: terminationGracePeriodSeconds: give more than {needed}, which "
                    "preStop and gunicorn's graceful_timeout take together"
                )
    if manifest["kind"] == "Deployment":
        yield from _rollout(place, manifest)
    elif "activeDeadlineSeconds" not in run_of(manifest):
        yield f"{place}: activeDeadlineSeconds: let it end some time"
    if manifest["kind"] == "CronJob" and manifest["spec"].get("concurrencyPolicy") != "Forbid":
        yield f"{place}: concurrencyPolicy: let no two runs overlap (Forbid)"


def _restricted(place: str, pod: Manifest) -> Iterator[str]:
    context = pod.get("securityContext", {})
    if not context.get("runAsNonRoot"):
        yield f"{place}: securityContext: run it as another user than root"
    if context.get("seccompProfile") != {"type": "RuntimeDefault"}:
        yield f"{place}: securityContext: give it the seccompProfile RuntimeDefault"
    if pod.get("automountServiceAccountToken") is not False:
        yield f"{place}: automountServiceAccountToken: give it no token of the cluster"
    for volume in pod.get("volumes", []):
        if "emptyDir" in volume and "sizeLimit" not in volume["emptyDir"]:
            yield f"{place}: {volume['name']}: give it a sizeLimit"


def _rights(where: str, container: Manifest) -> Iterator[str]:
    context = container.get("securityContext", {})
    if context.get("readOnlyRootFilesystem") is not True:
        yield f"{where}: securityContext: give it a read-only root"
    if context.get("allowPrivilegeEscalation") is not False:
        yield f"{where}: securityContext: allow no escalation"
    if context.get("capabilities") != {"drop": ["ALL"]}:
        yield f"{where}: securityContext: drop ALL capabilities and add none"
    resources = container.get("resources", {})
    if not {"cpu", "memory"} <= resources.get("requests", {}).keys():
        yield f"{where}: resources: request cpu and memory"
    if "memory" not in resources.get("limits", {}):
        yield f"{where}: resources: limit its memory"


def _probes(where: str, container: Manifest, routes: set[str], needed: bool) -> Iterator[str]:
    for probe in PROBES:
        if probe not in container:
            if needed:
                yield f"{where}: {probe}: there is none"
        elif container[probe]["httpGet"]["path"] not in routes:
            yield f"{where}: {probe}: {container[probe]['httpGet']['path']} is no route"
    if needed and "lifecycle" not in container:
        yield f"{where}: lifecycle: wait in preStop until no proxy sends requests any more"


def _rollout(place: str, manifest: Manifest) -> Iterator[str]:
    spec = manifest["spec"]
    if spec.get("strategy", {}).get("rollingUpdate", {}).get("maxUnavailable") != 0:
        yield f"{place}: strategy: stop no pod before the new one is ready (maxUnavailable: 0)"
    labels = spec["template"]["metadata"]["labels"]
    spread = pod_of(manifest).get("topologySpreadConstraints", [])
    if labels not in [constraint["labelSelector"]["matchLabels"] for constraint in spread]:
        yield f"{place}: topologySpreadConstraints: spread its pods over the nodes"
