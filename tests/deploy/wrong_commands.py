"""Commands of kubectl that are wrong in one way each, and what must be said of it."""

from __future__ import annotations

WRONG = {
    "verb": ("rollout bounce deploy/churn-api", 'unknown command "bounce'),
    "flag": ("rollout restart deploy/churn-api --now", "unknown flag: --now"),
    "kind": ("get podz", 'resource type "podz"'),
    "name": ("rollout restart deploy/redis", 'deployments "redis" not found'),
    "namespace": ("get pods -n churn", "there is no Namespace churn"),
    "label": ("get pods -l app=churn-api", "there is no Pod churn-mlops app=churn-api"),
    "container": ("logs deploy/churn-api -c web", "container web is not valid"),
    "container-passed-over": (
        "set env deploy/churn-api -c web A=1",
        "does not have any containers",
    ),
    "inside": ("exec deploy/churn-api -- git status", "No such file or directory: 'git'"),
    "fails-inside": ("exec deploy/churn-api -- churn diagnoze", "exit code 2"),
    "in-a-pipe": ("logs deploy/churn | cat", 'deployments "churn" not found'),
    "covered-up": (
        "delete job/migration --ignore-not-found",
        "there is no Job churn-mlops migration",
    ),
    "field": (
        'patch hpa/churn-api -p \'{"spec": {"minReplica": 4}}\'',
        "'minReplica' was unexpected",
    ),
    "bounds": ('patch hpa/churn-api -p \'{"spec": {"minReplicas": 99}}\'', "above maxReplicas"),
    "revision": ("rollout undo deploy/churn-api --to-revision=9", "revision"),
    "overlay": ("apply -k deploy/kubernetes/overlays/staging", "staging"),
    "secret": (
        "delete secret/churn-api && kubectl -n churn-mlops rollout status deploy/churn-api",
        "deadline",
    ),
    "reference": (
        "delete secret/churn-api-prometheus",
        "ServiceMonitor churn-api refers to Secret",
    ),
    "nothing": ("version --client", "no command asked the cluster"),
}
