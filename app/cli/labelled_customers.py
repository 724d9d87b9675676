"""Reads a contract, and the customers to train on or to measure with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.customers.files.customer_reader import CustomerFile, read
from app.customers.files.header_matching import HeaderRules
from model.feature_file import load_contract
from model.features import Contract, Value

if TYPE_CHECKING:
    from model.training.training_data import TrainingData


def read_labelled(features: Path, data: Path | None, target: str) -> tuple[Contract, TrainingData]:
    """Read the contract, and the customers of a file or the packaged data set.

    Raises:
        ValueError: one of them cannot be used; the message names file, line and what to give.
        OSError: a file cannot be read.
    """
    from model.training.training_data import (  # noqa: PLC0415 - only with the extra `model`
        collect,
        load_packaged,
    )

    contract = load_contract(features)
    if data is None:
        return contract, load_packaged(contract, target)
    with data.open("rb") as file:
        customers = read(file, data.name, HeaderRules(contract, target=target, labelled=True))
        found = collect(contract, _labelled(customers, data.name), data.name)
        click.echo(customers.how(), err=True)
    return contract, found


def _labelled(customers: CustomerFile, name: str) -> Iterator[tuple[dict[str, Value], bool]]:
    """Yield features and outcome of each customer.

    Raises:
        ValueError: a customer breaks the contract.
    """
    for row in customers.rows:
        if row.features is None:
            raise ValueError(f"{name}:{row.line}: {row.reason}")
        yield row.features, row.outcome
