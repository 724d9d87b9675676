"""One real training, shared by all tests of the model."""

from __future__ import annotations

import pytest

from model.feature_file import load_contract
from model.features import Contract
from model.training.release_writer import Candidate, make_candidate
from model.training.training_data import Split, TrainingData, load, split


@pytest.fixture(scope="session")
def contract() -> Contract:
    return load_contract()


@pytest.fixture(scope="session")
def customers(contract: Contract) -> TrainingData:
    return load(contract)


@pytest.fixture(scope="session")
def parts(customers: TrainingData) -> Split:
    return split(customers.churned)


@pytest.fixture(scope="session")
def candidate(contract: Contract, customers: TrainingData, parts: Split) -> Candidate:
    """What `churn model release` trains, as it trains it."""
    return make_candidate(contract, customers, parts, "1.0.0", lambda step: None)
