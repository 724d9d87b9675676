"""Customers as arrays, for tests and benchmarks."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from app.customers.files.sample_file import SAMPLE
from model.cell_reading import cell_readers
from model.columnar.coded_columns import CODE, CodedColumns, listed_values
from model.features import Contract, Value
from model.scorecard import Scorecard
from tools.contract_rows import values

Customer = dict[str, Value]


def coded(contract: Contract, customers: Sequence[Customer]) -> CodedColumns:
    """Code customers; a feature that is absent or None is unknown."""
    columns: dict[str, Any] = {}
    for feature in contract.features:
        cells = [customer.get(feature.name) for customer in customers]
        if listed := (*listed_values(feature),):
            place = {value: number for number, value in enumerate((*listed, None))}
            columns[feature.name] = np.array([place[cell] for cell in cells], CODE)
        else:
            numbers = [np.nan if cell is None else float(cell) for cell in cells]
            columns[feature.name] = np.array(numbers, float)
    return columns


def sample(contract: Contract) -> list[Customer]:
    """Read the sample's customers."""
    readers = cell_readers(contract)
    with SAMPLE.open(newline="") as file:
        return [
            {name: reader.from_text(row[name]) for name, reader in readers.items()}
            for row in csv.DictReader(file)
        ]


def edge_customers(
    scorecards: Iterable[Scorecard], contract: Contract, number: int, seed: int
) -> list[Customer]:
    """Draw customers from each value of a list, each edge and what is next to it.

    Each has a share of unknown features of its own, from none to all.
    """
    terms = [term for scorecard in scorecards for term in scorecard.terms]
    draw = random.Random(seed)  # noqa: S311 - not a secret
    legal = {f.name: [*values(f, terms), *_zeros(f.minimum)] for f in contract.features}
    found = []
    for _ in range(number):
        share = draw.choice((0.0, 0.0, draw.random()))
        found.append(
            {
                name: None if draw.random() < share else draw.choice(known)
                for name, known in legal.items()
            }
        )
    return found


def _zeros(minimum: float | None) -> tuple[float, ...]:
    return (0.0, -0.0, 1.0) if minimum == 0 else ()
