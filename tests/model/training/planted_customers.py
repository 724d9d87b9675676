"""Customers of a made-up bank, whose truth is known because it was planted."""

from __future__ import annotations

import numpy as np

ROWS = 2000


def bank(rows: int = ROWS, seed: int = 5, *, planted: bool = True) -> dict[str, list[str]]:
    """Columns of cells, as a bank's export has them.

    Args:
        rows: number of customers.
        seed: of the generator.
        planted: whether the outcome depends on Age, Active and, crosswise, on Card and Online.
    """
    draw = np.random.default_rng(seed)
    age, active = draw.integers(18, 80, rows), draw.random(rows) < 0.5
    card, online = draw.random((2, rows)) < 0.5
    logit = -1.2 + planted * (
        0.05 * (age - 45) - 1.0 * active + 2.0 * np.where(card == online, 1.0, -1.0)
    )
    left = draw.random(rows) < 1 / (1 + np.exp(-logit))
    return {
        "Balance": [f"{value:.2f}" for value in draw.uniform(0, 2e5, rows)],
        "Country": draw.choice(["France", "Germany", "Spain"], rows).tolist(),
        "Age": [str(value) for value in age],
        "Active": [str(int(value)) for value in active],
        "Card": [str(int(value)) for value in card],
        "Online": [str(int(value)) for value in online],
        "Exited": [str(int(value)) for value in left],
    }


def bank_export(rows: int = ROWS) -> str:
    """The same as a semicolon file with decimal commas, a row number, an id and a surname."""
    draw = np.random.default_rng(6)
    ids = draw.choice(np.arange(15_565_701, 15_815_690), rows, replace=False)
    columns = {
        "RowNumber": [str(number + 1) for number in range(rows)],
        "CustomerId": [str(number) for number in ids],
        "Surname": [f"Name{number}" for number in draw.integers(0, 900, rows)],
        **bank(rows),
    }
    columns["Balance"] = [cell.replace(".", ",") for cell in columns["Balance"]]
    lines = [columns.keys(), *zip(*columns.values(), strict=True)]
    return "".join(";".join(line) + "\n" for line in lines)
