"""One real training, shared by all tests of the model."""

from __future__ import annotations

import fcntl
import os
import pickle

import pytest

from model.economics import load_economics
from model.feature_file import PATH, load_contract
from model.features import Contract
from model.training.release_writer import Candidate, make_candidate
from model.training.training_data import Split, TrainingData, load_packaged, split

ECONOMICS = PATH.with_name("economics.yaml")


@pytest.fixture(scope="session")
def contract() -> Contract:
    return load_contract()


@pytest.fixture(scope="session")
def customers(contract: Contract) -> TrainingData:
    return load_packaged(contract)


@pytest.fixture(scope="session")
def parts(customers: TrainingData) -> Split:
    return split(customers.churned)


@pytest.fixture(scope="session")
def candidate(
    contract: Contract,
    customers: TrainingData,
    parts: Split,
    tmp_path_factory: pytest.TempPathFactory,
) -> Candidate:
    """What `churn model release` trains, as it trains it; once for all processes of a test run."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    with (folder / "training.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the first process trains, the others wait
        trained = folder / "candidate.pickle"
        if not trained.exists():
            made = make_candidate(
                contract,
                customers,
                parts,
                "1.2.0",
                lambda step: None,
                economics=load_economics(ECONOMICS),
            )
            trained.write_bytes(pickle.dumps(made))
        found: Candidate = pickle.loads(trained.read_bytes())
    return found
