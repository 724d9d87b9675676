"""Checks a release through the service that runs: its files, its answers, its test figures."""
# ruff: noqa: PLC0415 - training libraries only where they are needed

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING, Any

from app.cli.running_service import RunningService, ServiceError
from app.releases.named_leaves import Leaf, differences, leaves
from app.releases.release_loader import Release
from model.scorecard import probability

if TYPE_CHECKING:
    from model.training.training_data import TrainingData

MOST = 1000
"""Customers of a batch."""

TOLERANCE = 1e-9
"""By which a probability or a figure may differ."""


def check_service(
    service: RunningService, release: Release, customers: TrainingData
) -> tuple[list[str], int]:
    """Compare what a service says and answers with a release.

    Args:
        service: which should have the release in service.
        release: the one to verify.
        customers: those from which it was made; the service gets its test part.

    Returns:
        What differs, and how many figures were recomputed.

    Raises:
        ServiceError: the service can't be asked.
    """
    from model.training.training_data import record, split

    parts = split(customers.churned)
    sizes = {"train": len(parts.train), "validation": len(parts.validation)}
    sizes |= {"all": len(customers.churned), "test": len(parts.test)}
    if faults := changed_figures(release.evaluation, {"sizes": sizes}):
        return faults, len(sizes)
    try:
        if faults := list(_other_release(service, release)):
            return faults, 0
        known = [record(release.contract, customers.features, int(row)) for row in parts.test]
        probabilities, faults = _answers(service, release, known)
    except (KeyError, TypeError, AttributeError, IndexError):
        raise ServiceError(f"{service.url}: its answer is not this service's") from None
    if faults:
        return faults, 0
    figures = {"sizes": sizes, **recomputed(release, customers, probabilities)}
    count = len(_leaves(stated_figures(release.evaluation, figures)))
    return changed_figures(release.evaluation, figures), count


def recomputed(
    release: Release, customers: TrainingData, probabilities: list[float]
) -> dict[str, Any]:
    """Compute every figure of the test part, as the evaluation states them.

    Args:
        release: its contract, thresholds, economics and factors of fairness.
        customers: all of them.
        probabilities: of the test part's customers, in their order.
    """
    import numpy as np

    from model.training.test_part_figures import figures_of_test_part
    from model.training.training_data import split

    rows = split(customers.churned).test
    found = figures_of_test_part(
        release.contract,
        release.card["factors"].get("evaluation_factors", ()),
        customers.features.iloc[rows],
        (customers.churned[rows], np.array(probabilities)),
        release.scorecard.policies,
        economics=release.economics,
    )
    return found | {"performance": {"test": found["performance"]}}


def stated_figures(evaluation: dict[str, Any], figures: dict[str, Any]) -> dict[str, Any]:
    """Return the part of an evaluation that was recomputed; older ones lack some of it."""
    stated = {key: evaluation[key] for key in figures if key in evaluation}
    if "metrics" in stated:
        out_of_fold = "_cross_validated"
        stated["metrics"] = [
            metric for metric in stated["metrics"] if not metric["metric"].endswith(out_of_fold)
        ]
    if "performance" in stated:
        stated["performance"] = {"test": stated["performance"]["test"]}
    return stated


def changed_figures(evaluation: dict[str, Any], figures: dict[str, Any]) -> list[str]:
    """Name the figures of an evaluation that aren't the recomputed ones."""
    stated = _leaves(stated_figures(evaluation, figures))
    computed = {name: leaf for name, leaf in leaves(figures) if name in stated}
    lines = differences(stated, computed, "the recomputation", TOLERANCE)
    return [f"evaluation.json: {line}" for line in lines]


def _other_release(service: RunningService, release: Release) -> Iterator[str]:
    """Say in what the release in service differs from the one here."""
    said = service.releases()
    if said["serving"] != release.version:
        yield f"{service.url} has release {said['serving']} in service, not {release.version}"
        return
    served = next(found for found in said["releases"] if found["version"] == release.version)
    metrics = release.card["metrics"]
    expected = {
        "contract": release.contract.digest,
        "date": str(release.card["date"]),
        "digests": release.digests,
        "decision_thresholds": metrics["decision_thresholds"],
        "metrics": metrics["model_performance"],
    }
    found = {key: served[key] for key in expected}
    for line in differences(_leaves(found), _leaves(expected), "the release here", TOLERANCE):
        yield f"{service.url}: {line}"


def _answers(
    service: RunningService, release: Release, customers: list[dict[str, Any]]
) -> tuple[list[float], list[str]]:
    """Return each customer's probability, and what is wrong with the answers of each policy."""
    expected = [probability(release.scorecard.log_odds(customer)) for customer in customers]
    batches = [customers[start : start + MOST] for start in range(0, len(customers), MOST)]
    found: list[float] = []
    faults: list[str] = []
    for policy, threshold in release.scorecard.policies.items():
        answers = [service.predict(batch, policy) for batch in batches]
        shared = {
            "model_version": release.version,
            "policy": {"name": policy, "threshold": threshold},
        }
        for answer in answers:
            said = {key: answer[key] for key in shared}
            faults += differences(_leaves(said), _leaves(shared), "the release here", TOLERANCE)
        predictions = list(chain.from_iterable(answer["predictions"] for answer in answers))
        found = [prediction["churn_probability"] for prediction in predictions]
        scored = differences(_numbered(found), _numbered(expected), "the scorecard here", TOLERANCE)
        faults += [f"probability of customer {line}" for line in scored]
        for number, (value, prediction) in enumerate(zip(found, predictions, strict=True)):
            if (value >= threshold) != (prediction["prediction"] == "churn"):
                faults.append(
                    f"customer {number}: policy {policy}: {prediction['prediction']!r} "
                    f"at {value}, but its threshold is {threshold}"
                )
    return found, [f"{service.url}: {fault}" for fault in faults]


def _numbered(values: list[float]) -> dict[str, Leaf]:
    return {str(number): value for number, value in enumerate(values)}


def _leaves(document: Any) -> dict[str, Leaf]:
    return dict(leaves(document))
