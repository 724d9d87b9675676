"""What a cluster's controllers make of its objects, without the time that they take.

Deployments get ReplicaSets and pods, jobs end, the autoscaler keeps its bounds. Pods start only
where the secrets exist that they refer to. The servers beside the service, which network policies
name by label, are pods too.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tools.api_server_derived import (
    beside,
    digest_of,
    event,
    metrics,
    name_of,
    pod,
    slices,
)
from tools.api_server_kinds import Object
from tools.api_server_references import missing

if TYPE_CHECKING:
    from tools.api_server_cluster import Cluster

REVISION = "deployment.kubernetes.io/revision"


def settle(cluster: Cluster) -> None:
    """Do what the controllers do after a change."""
    for scaler in cluster.all("HorizontalPodAutoscaler"):
        _scale(cluster, scaler)
    pods = [_job(cluster, job) for job in cluster.all("Job")]
    for deployment in cluster.all("Deployment"):
        pods += _deployment(cluster, deployment)
    pods += beside(cluster)
    for derived in ("Pod", "PodMetrics", "Event"):
        cluster.remove_all(derived)
    for found in slices(cluster):
        cluster.keep(found)
    for made in pods:
        cluster.keep(made)
        if made["status"]["phase"] == "Running":
            cluster.keep(metrics(made))
        cluster.keep(event(made))


def _scale(cluster: Cluster, scaler: Object) -> None:
    space, spec = scaler["metadata"]["namespace"], scaler["spec"]
    target = cluster.get(spec["scaleTargetRef"]["kind"], space, spec["scaleTargetRef"]["name"])
    if target is None:
        return
    now = target["spec"].get("replicas", 1)
    # It rests while somebody has set the number to 0.
    number = now and min(max(now, spec.get("minReplicas", 1)), spec["maxReplicas"])
    target["spec"]["replicas"] = number
    scaler["status"] = {"currentReplicas": number, "desiredReplicas": number}


def _deployment(cluster: Cluster, deployment: Object) -> Iterator[Object]:
    meta, spec = deployment["metadata"], deployment["spec"]
    space, number = meta["namespace"], spec.setdefault("replicas", 1)
    digest = digest_of(spec["template"])
    sets = {s["metadata"]["labels"]["pod-template-hash"]: s for s in _sets(cluster, deployment)}
    revisions = [int(s["metadata"]["annotations"][REVISION]) for s in sets.values()]
    if digest not in sets:
        sets[digest] = cluster.keep(_replica_set(deployment, digest))
    newest = sets[digest]
    latest = max(revisions, default=0)
    if newest["metadata"]["annotations"][REVISION] != str(latest) or latest == 0:
        newest["metadata"]["annotations"][REVISION] = str(latest + 1)
    for found in sets.values():
        found["spec"]["replicas"] = number if found is newest else 0
        found["status"] = {"replicas": found["spec"]["replicas"]}
    meta.setdefault("annotations", {})[REVISION] = newest["metadata"]["annotations"][REVISION]
    lacking = missing(cluster, space, spec["template"]["spec"])
    ready = 0 if lacking else number
    reason = "ProgressDeadlineExceeded" if lacking else "NewReplicaSetAvailable"
    progressing = {"type": "Progressing", "status": str(not lacking), "reason": reason}
    deployment["status"] = {
        "observedGeneration": meta["generation"],
        "replicas": number,
        "updatedReplicas": number,
        "readyReplicas": ready,
        "availableReplicas": ready,
        "conditions": [{**progressing, "message": "; ".join(lacking)}],
    }
    for place in range(number):
        labels = {**spec["template"]["metadata"]["labels"], "pod-template-hash": digest}
        owner = f"{meta['name']}-{digest}"
        name = name_of(cluster, owner, place)
        yield pod(name, space, labels, spec["template"]["spec"], lacking)


def _sets(cluster: Cluster, deployment: Object) -> Iterator[Object]:
    for found in cluster.all("ReplicaSet"):
        if found["metadata"]["ownerReferences"][0]["uid"] == deployment["metadata"]["uid"]:
            yield found


def _replica_set(deployment: Object, digest: str) -> Object:
    meta, spec = deployment["metadata"], deployment["spec"]
    own = {"pod-template-hash": digest}
    template = json.loads(json.dumps(spec["template"]))
    template["metadata"]["labels"] |= own
    owner = {"apiVersion": "apps/v1", "kind": "Deployment", "controller": True}
    owner |= {"name": meta["name"], "uid": meta["uid"]}
    return {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": {
            "name": f"{meta['name']}-{digest}",
            "namespace": meta["namespace"],
            "labels": template["metadata"]["labels"],
            "annotations": {REVISION: "0"},
            "ownerReferences": [owner],
        },
        "spec": {
            "replicas": 0,
            "selector": {"matchLabels": {**spec["selector"]["matchLabels"], **own}},
            "template": template,
        },
    }


def _job(cluster: Cluster, job: Object) -> Object:
    meta, spec = job["metadata"], job["spec"]["template"]["spec"]
    lacking = missing(cluster, meta["namespace"], spec)
    kind = "Failed" if lacking else "Complete"
    job["status"] = {"conditions": [{"type": kind, "status": "True"}]}
    labels = job["spec"]["template"]["metadata"]["labels"]
    made = pod(name_of(cluster, meta["name"], 0), meta["namespace"], labels, spec, lacking)
    made["status"]["phase"] = "Pending" if lacking else "Succeeded"
    return made
