"""Makes a release's files: contract, scorecard, evaluation and card, the same bytes each time."""

from __future__ import annotations

import csv
import datetime
import hashlib
import io
import json
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import yaml

from model.economics import NAME, Economics
from model.features import Contract
from model.scorecard import VALUE, Scorecard, probability
from model.scorecard_file import from_dict
from model.training import card_writer, fairness_limits, release_figures
from model.training.column_checks import check_features
from model.training.evaluation import Part, RefusedError
from model.training.pair_selection import Progress
from model.training.release_figures import Candidate
from model.training.scorecard_writer import write_down
from model.training.threshold_choice import choose_thresholds, most_profitable
from model.training.trainer import train
from model.training.training_data import Split, TrainingData, record, split

SAMPLE = 200


def make_candidate(
    contract: Contract,
    customers: TrainingData,
    parts: Split,
    version: str,
    progress: Progress,
    *,
    economics: Economics | None = None,
) -> Candidate:
    """Train on the training set, and choose thresholds on customers that no fit has seen.

    Raises:
        DataError: a feature can't be trained on.
    """
    check_features(contract, customers, parts.train)
    trained = train(contract, customers, parts.train, progress)
    document = write_down(contract, trained, version, customers, parts.train)
    validation = score(contract, from_dict(document), customers, parts.validation)
    held_out = [*trained.choice.recalibration.parts, validation]
    policies, goals = choose_thresholds(held_out)
    value = most_profitable(held_out, economics) if economics else None
    document["policies"] = policies | ({VALUE: value.threshold} if value else {})
    return Candidate(parts, trained, document, validation, goals, economics, value)


def score(
    contract: Contract, scorecard: Scorecard, customers: TrainingData, rows: np.ndarray
) -> Part:
    """Return outcomes and probabilities of these customers, from the scorecard as served."""
    known = (record(contract, customers.features, int(row)) for row in rows)
    scores = [probability(scorecard.log_odds(customer)) for customer in known]
    return customers.churned[rows], np.array(scores)


def make_release(
    contract: Contract,
    customers: TrainingData,
    prose: dict[str, Any],
    candidate: Candidate,
    progress: Progress,
    *,
    today: datetime.date,
) -> tuple[dict[str, bytes], dict[str, Any]]:
    """Measure a candidate on the test set and describe it.

    Args:
        contract: the features.
        customers: all of them.
        prose: of the card.
        candidate: the trained scorecard.
        progress: is told of each step.
        today: the date for which exceptions from fairness limits are judged.

    Returns:
        The files by name, and the evaluation.

    Raises:
        RefusedError: a metric is worse than its limit, or groups differ more than they may.
    """
    test = score(contract, from_dict(candidate.document), customers, candidate.parts.test)
    factors = prose["factors"].get("evaluation_factors", ())
    evaluation = release_figures.measure(contract, customers, candidate, test, factors)
    gaps = fairness_limits.gaps(contract, evaluation["fairness"], prose)
    faults = card_writer.beyond_limits(prose, evaluation["metrics"])
    if faults := faults + fairness_limits.faults(gaps, prose, today):
        raise RefusedError(faults)
    evaluation["fairness_gaps"] = gaps
    evaluation["repeated_cross_validation"] = release_figures.measure_repeated(
        contract, customers, candidate, test, progress
    )
    evaluation["partial"] = release_figures.measure_partial(
        contract, customers, candidate.trained.choice, progress
    )
    files = {
        "scorecard.json": candidate.text.encode(),
        "evaluation.json": (json.dumps(evaluation, indent=1) + "\n").encode(),
    }
    if candidate.economics:
        files[NAME] = candidate.economics.text
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    policies = candidate.document["policies"]
    said = {goal.policy: goal.said for goal in candidate.goals if not goal.met}
    if candidate.economics and candidate.value:
        said[VALUE] = candidate.value.said(candidate.economics.currency)
    prose = card_writer.with_reasons(prose, said)
    filled = card_writer.fill(prose, contract, evaluation, policies, digests)
    text = yaml.safe_dump({"model_card": filled}, sort_keys=False, width=100, allow_unicode=True)
    return files | {"features.yaml": contract.text, "card.yaml": text.encode()}, evaluation


def sample(contract: Contract, customers: TrainingData) -> str:
    """Return customers spread evenly over the test set, as CSV without their outcome.

    The identifier is the number of the customer's row in the data set.
    """
    rows = split(customers.churned).test
    spread = rows[np.linspace(0, len(rows) - 1, min(SAMPLE, len(rows))).astype(int)]
    name = customer_ids(customers)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["customer_id", *contract.names])
    for row in spread:
        customer = record(contract, customers.features, int(row))
        cells = [str(v).lower() if isinstance(v, bool) else v for v in customer.values()]
        writer.writerow([name(int(row)), *cells])
    return text.getvalue()


def customer_ids(customers: TrainingData) -> Callable[[int], str]:
    """Return a function from a row of a data set to the customer's identifier."""
    word = re.match(r"[A-Za-z][A-Za-z0-9]{0,20}", customers.name)
    prefix = word[0] if word else "customer"
    return lambda row: f"{prefix}-{row + 1:04d}"
