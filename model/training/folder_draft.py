"""Drafts what a service for a file of customers needs: contract, card and costs."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from model.cell_reading import boolean, cell_readers
from model.feature_file import parse_contract
from model.training import economics_draft
from model.training.card_draft import draft_card
from model.training.column_checks import feature_faults, missing_tells
from model.training.contract_draft import ContractDraft, DraftError, draft
from model.training.training_data import DataError, TrainingData, collect, split


@dataclass(frozen=True)
class FolderDraft:
    """The drafted files, and what was left out of them.

    Attributes:
        target: the column with the outcome, as the file spells it.
        features: the text of `features.yaml`.
        card: the text of `card.yaml`.
        economics: the text of `economics.yaml`.
        count: number of features.
        left_out: reason by column.
    """

    target: str
    features: str
    card: str
    economics: str
    count: int
    left_out: dict[str, str]


def draft_folder(
    file: str, columns: dict[str, list[str]], target: str, today: datetime.date
) -> FolderDraft:
    """Draft contract, card and costs for a file of customers whose outcome is known.

    Columns that can't be trained on are left out. What is judged by the outcome, is judged on the
    rows that training will use.

    Args:
        file: its name.
        columns: cells by column name.
        target: the column with the outcome.
        today: the date of the release.

    Raises:
        DraftError: the outcome can't be used, or no column can be a feature.
    """
    drafted = draft(file, columns, target)
    outcomes = _outcomes(drafted, columns[drafted.target])
    try:
        customers = _customers(drafted, columns, outcomes)
    except DataError as error:
        raise DraftError(f"{error} (column {drafted.target})") from None
    rows = split(customers.churned).train
    contract = parse_contract(drafted.text.encode(), "features.yaml")
    faults = feature_faults(contract, customers, rows)
    drafted = drafted.without({name: fault.reason for name, fault in faults.items()})
    for name, entry in drafted.entries.items():
        missing = customers.features[name].isna().to_numpy()
        if missing.any():
            tells = missing_tells(missing[rows], customers.churned[rows])
            entry["when_missing"] = "informative" if tells else "unknown"
    card = draft_card(file, drafted.target, today)
    return FolderDraft(
        target=drafted.target,
        features=drafted.text,
        card=card,
        economics=economics_draft.DRAFT,
        count=len(drafted.entries),
        left_out=drafted.left_out,
    )


def _outcomes(drafted: ContractDraft, cells: list[str]) -> list[bool]:
    outcomes = [boolean(cell) for cell in cells]
    wrong = [cell for cell, outcome in zip(cells, outcomes, strict=True) if outcome is None]
    if wrong:
        got = ", ".join(repr(cell)[:50] for cell in [*dict.fromkeys(wrong)][:3])
        raise DraftError(
            f"{drafted.file}: {drafted.target}: give yes or no, true or false, 1 or 0 in every row "
            f"({len(wrong)} of {len(cells)} have something else, such as {got})"
        )
    return [bool(outcome) for outcome in outcomes]


def _customers(
    drafted: ContractDraft, columns: dict[str, list[str]], outcomes: list[bool]
) -> TrainingData:
    contract = parse_contract(drafted.text.encode(), "features.yaml")
    values = [
        list(map(reader.from_text, columns[name]))
        for name, reader in cell_readers(contract).items()
    ]
    people = (dict(zip(contract.names, row, strict=True)) for row in zip(*values, strict=True))
    return collect(contract, zip(people, outcomes, strict=True), drafted.file)
