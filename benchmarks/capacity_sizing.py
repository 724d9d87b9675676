"""What follows from the figures: rates of a core, memory of a pod, numbers of pods."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from app.resilience.deadline import MAX_CONCURRENT_CALLS
from benchmarks.capacity_cells import BATCH, SHARED, Cell, Figures
from scripts import manifests

ROOT = Path(__file__).parent.parent
OVERLAYS = {"base": "deploy/kubernetes/base", "production": "deploy/kubernetes/overlays/production"}

LIMIT_MS = 50
"""Milliseconds within which 99 of 100 requests must be answered."""

TOLERANCE = 0.1
"""By so much the use may differ from the target before the autoscaler changes anything."""

CONNECTIONS_FOR_PEOPLE = 10
"""To the database, besides the workers'; commands and PostgreSQL's own reserve are in it."""

RATES = (100, 1_000, 10_000)


@dataclass(frozen=True)
class Pods:
    """What the manifests say of an overlay."""

    workers: int
    cores: float  # that a pod asks for
    request_mb: float
    limit_mb: float
    target: int  # percent of `cores`
    least: int
    most: int

    def safe_target(self) -> int:
        """Percent at which the others carry on when one of the fewest pods is lost.

        Rounded down to five, after what the autoscaler may leave above its target.
        """
        share = (self.least - 1) / self.least / (1 + TOLERANCE)
        return math.floor(share * 20) * 5

    def needed(self, rate: float, core_rate: float) -> int:
        """Pods for a rate: enough of them at the target, and one that may be lost."""
        return max(self.least, math.ceil(rate / self.carried(core_rate)) + 1)

    def carried(self, core_rate: float) -> float:
        """Requests a second of one pod at the target."""
        return min(self.cores, self.workers) * core_rate * self.target / 100

    def connections(self) -> int:
        """What PostgreSQL must allow."""
        return self.most * self.workers * MAX_CONCURRENT_CALLS + CONNECTIONS_FOR_PEOPLE


@cache
def pods(overlay: str) -> Pods:
    """Read the manifests of an overlay."""
    made = {f"{m['kind']} {m['metadata']['name']}": m for m in manifests.overlay(ROOT / overlay)}
    scaler = made["HorizontalPodAutoscaler churn-api"]["spec"]
    (container,) = made["Deployment churn-api"]["spec"]["template"]["spec"]["containers"]
    asked, limits = container["resources"]["requests"], container["resources"]["limits"]
    return Pods(
        workers=int(made["ConfigMap churn-api"]["data"]["WEB_CONCURRENCY"]),
        cores=_cores(str(asked["cpu"])),
        request_mb=_megabytes(asked["memory"]),
        limit_mb=_megabytes(limits["memory"]),
        target=scaler["metrics"][0]["resource"]["target"]["averageUtilization"],
        least=scaler["minReplicas"],
        most=scaler["maxReplicas"],
    )


def within_limit(cells: list[Cell]) -> Cell | None:
    """Find the highest rate with every request answered, and 99 of 100 in time."""
    good = [cell for cell in cells if cell.p99 < LIMIT_MS and not cell.failed]
    return max(good, key=lambda cell: cell.rate, default=None)


@dataclass(frozen=True)
class Memory:
    """MB of a pod's processes; what they share counts once."""

    master: float
    single: float  # a worker that has answered single requests
    batches: float  # a worker, at most, while its pod has the most batches at a time
    workers: int

    def usual(self) -> float:
        """MB of the pod with single requests."""
        return self.master + self.workers * self.single

    def most(self) -> float:
        """MB of the pod with the most batches at a time."""
        return self.master + self.workers * self.batches


def memory(figures: Figures, workers: int) -> Memory:
    """Find what a pod with some workers has."""
    cells = [cell for cell in figures.cells if cell.workers == workers]
    return Memory(
        master=max(cell.master for cell in cells),
        single=max(cell.pss for cell in cells if cell.setting == SHARED),
        batches=max(cell.peak for cell in cells if cell.endpoint == BATCH),
        workers=workers,
    )


def faults(figures: Figures) -> list[str]:
    """Say where the manifests don't follow from the figures."""
    found = []
    for name, path in OVERLAYS.items():
        one = pods(path)
        if one.target != one.safe_target():
            found.append(
                f"{name}: the autoscaler's target is {one.target}, not {one.safe_target()}"
            )
        usual, most = (used := memory(figures, one.workers)).usual(), used.most()
        if one.request_mb < usual:
            found.append(f"{name}: a pod asks for {one.request_mb:.0f} MB and has {usual:.0f}")
        if one.limit_mb < most:
            found.append(f"{name}: a pod may have {one.limit_mb:.0f} MB and needs {most:.0f}")
    return found


def _cores(text: str) -> float:
    return float(text.removesuffix("m")) / (1000 if text.endswith("m") else 1)


def _megabytes(text: str) -> float:
    return float(text.removesuffix("Mi")) * 1024 * 1024 / 1e6
