"""Cells of the file that a spreadsheet would run as formulas, and lists of other contracts."""

from __future__ import annotations

import csv
from dataclasses import replace

from app.customers.store.stored_customer import StoredCustomer
from app.customers.web.customer_filters import MOST_FILTERS, offered
from app.customers.web.customer_list import as_csv, shown_features
from app.predictions.scorer import Scorer
from app.releases.release_loader import Release
from model.features import Contract
from tests.prediction_bodies import CONTRACT, REQUIRED

FORMULA = '=HYPERLINK("http://evil.example";"x")'


def test_no_cell_is_a_formula(release: Release) -> None:
    """Values and labels come from whoever wrote the contract and the file."""
    features = []
    for feature in CONTRACT.features:
        if feature.name == "contract":
            feature = replace(feature, values=(FORMULA, *feature.values[1:]))  # noqa: PLW2901
        elif feature.name == "tenure":
            feature = replace(feature, label="@tenure")  # noqa: PLW2901
        features.append(feature)
    contract = Contract(tuple(features))
    terms = []
    for term in release.scorecard.terms:
        bins = [
            replace(b, values=(FORMULA, *b.values[1:])) if name == "contract" else b
            for name, b in zip(term.features, term.bins, strict=True)
        ]
        terms.append(replace(term, bins=tuple(bins)))
    scorecard = replace(release.scorecard, terms=tuple(terms), factors=None)
    one = StoredCustomer("c-1", {**contract.example(), **REQUIRED, "contract": FORMULA}, 0.0)
    lines = "".join(as_csv([one], Scorer(scorecard, contract), contract, "default"))
    _, cells = csv.reader(lines.splitlines())
    assert f"'{FORMULA}" in cells
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))] == []


def test_a_list_shows_the_features_of_its_contract() -> None:
    """Names aren't ours: any contract has a list."""
    optional = [replace(feature, required=False) for feature in CONTRACT.features[3:9]]
    contract = Contract(tuple(optional))
    assert shown_features(contract) == optional[:2]
    assert len(offered(contract)) == MOST_FILTERS
    assert all(feature.type in ("category", "boolean") for feature in offered(contract))
    numbers = Contract(tuple(f for f in CONTRACT.features if f.range))
    assert offered(numbers) == []
