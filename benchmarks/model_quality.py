"""What the model is worth: on partial customers, beside retrained models, beside InterpretML.

Each data set's setting and pairs are chosen by cross-validation on its training part, as a release
chooses them; then every customer is scored by models that were fitted without that customer's fold.
"""

from __future__ import annotations

import argparse
import time

from rich.console import Console
from rich.table import Table

from benchmarks import regret
from benchmarks.explainable_boosting import FOLDS_COMPARED, Comparison
from benchmarks.labelled_data import NAMES, DataSet, data_set
from model.training.booster import one_thread
from model.training.pair_selection import FOLDS, Choice, choose, make_folds
from model.training.partial_customers import PATTERNS, OutOfFold, logistic, random_patterns
from model.training.quality_measures import roc_auc
from model.training.training_data import PACKAGED, split

LEAST_AUC = {"wa_churn": 0.849, "mlc_churn": 0.915}
COVERAGE, LEAST_COVERAGE = (0.87, 0.93), 0.82
BIAS = 0.01
"""By which the mean probability may differ from the share of customers who left."""


def run(console: Console, compared: int = FOLDS_COMPARED) -> None:
    """Print the tables.

    Args:
        console: where to print.
        compared: folds on which InterpretML is fitted, too; 2 or more.
    """
    started = time.perf_counter()
    beside = Comparison(NAMES, compared)
    try:
        for data in map(data_set, NAMES):
            choice = _choose(data)
            _print_partial(console, data, choice)
            if data.name == PACKAGED:
                regret.run(console, data, choice)
        for name in NAMES:
            beside.print(console, name)
    finally:
        beside.close()
    console.print(f"quality of the model: measured in {time.perf_counter() - started:.0f} s")


def _choose(data: DataSet) -> Choice:
    rows = split(data.customers.churned).train
    features = data.customers.features.iloc[rows].reset_index(drop=True)
    with one_thread():
        divisions = make_folds(data.contract, features, data.customers.churned[rows])
        return choose(divisions, _quiet)


def _print_partial(console: Console, data: DataSet, choice: Choice) -> None:
    """Print figures over random sets of known features, all customers out of fold."""
    scored = OutOfFold(data.contract, data.customers, choice, _quiet)
    found = random_patterns(scored, len(data.contract.names))
    auc = roc_auc(scored.churned, logistic(scored.complete.log_odds))
    bias = abs(found["mean_probability"] - found["churn_rate"])
    error = "{calibration_error:.3f} ({calibration_error_low:.3f} to {calibration_error_high:.3f})"
    table = Table(
        title=f"{data.name}: {len(scored.churned):,} customers out of fold, {PATTERNS} random sets "
        f"of known features; {_said(choice)}",
        title_justify="left",
    )
    for heading in ("", "measured", "target", ""):
        table.add_column(heading, justify="right" if heading else "left")
    least, (low, high) = LEAST_AUC[data.name], COVERAGE
    coverage, worst = found["coverage"], found["coverage_worst"]
    table.add_row("ROC AUC, everything known", f"{auc:.4f}", f">= {least}", _met(auc >= least))
    table.add_row("share of customers who left", f"{found['churn_rate']:.4f}")
    table.add_row(
        "mean probability",
        f"{found['mean_probability']:.4f}",
        f"within {BIAS} of it",
        _met(bias <= BIAS),
    )
    table.add_row("calibration error, mean (95% of the sets)", error.format_map(found))
    table.add_row("calibration error, worst", f"{found['calibration_error_worst']:.3f}")
    table.add_row(
        "coverage of the 90% range, mean",
        f"{coverage:.3f}",
        f"{low} to {high}",
        _met(low <= coverage <= high),
    )
    table.add_row(
        "coverage, worst", f"{worst:.3f}", f">= {LEAST_COVERAGE}", _met(worst >= LEAST_COVERAGE)
    )
    console.print(table)


def _quiet(_: str) -> None:
    """Take progress, and print nothing."""


def _said(choice: Choice) -> str:
    setting = choice.setting
    return (
        f"{setting['max_iter']} trees of {setting['max_leaf_nodes']} leaves, {choice.pairs} pairs"
    )


def _met(met: bool) -> str:
    return "met" if met else "NOT MET"


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument(
        "--folds", type=int, choices=range(2, FOLDS + 1), default=FOLDS_COMPARED, help="compared"
    )
    run(Console(width=120), options.parse_args().folds)
