"""How long a score takes when features are unknown, without HTTP."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from statistics import mean
from time import process_time

from rich.console import Console
from rich.table import Table

from app.predictions.scorer import Scorer
from benchmarks.typed_models import CONTRACT
from model.features import Value

TURNS = 30
MOST_MORE = 15.0
"""Microseconds by which a partial customer may take longer than a complete one."""

MOST_TIMES = 1.1
"""Batches of many different sets of known features against batches of one set each. Nothing is kept
for a set; but a processor foresees less of what differs from customer to customer, also where
nothing is inferred."""

FEW = 20
ALONE = f"one set a batch, mean of {FEW} batches"

Known = frozenset[str]
Customers = Sequence[Mapping[str, Value]]


def run(console: Console, scorer: Scorer, customers: Customers) -> None:
    """Print microseconds of a customer by what is known, beside those of a complete one.

    Args:
        console: where to print.
        scorer: of the release that serves.
        customers: a batch, everything known.
    """
    if scorer.scorecard.factors is None:
        version = scorer.scorecard.version
        console.print(f"release {version} infers nothing about unknown features: not measured")
        return
    many = different_sets(len(customers))
    few = sorted(many, key=len)[:: len(many) // FEW]  # as many features known, on average
    whole, count = frozenset(CONTRACT.names), f"{len(many):,}"
    different = f"{count} different sets"
    each: dict[str, Customers] = {
        f"set {number}": hide(customers, [known]) for number, known in enumerate(few)
    }
    together: dict[str, Customers] = {
        "everything": customers,
        "all but total_charges": hide(customers, [whole - {"total_charges"}]),
        "the three required": hide(customers, [frozenset(CONTRACT.required)]),
        different: hide(customers, many),
        f"{FEW} different sets": hide(customers, few),
    }
    measured = _best(scorer, together | each)
    measured[ALONE] = mean(measured.pop(name) for name in each)
    plain = Scorer(replace(scorer.scorecard, factors=None), CONTRACT)
    control = _best(plain, {different: together[different]} | each)
    without = control.pop(different) / mean(control[name] for name in each)
    table = Table(
        title=f"Score of a customer with five reasons, a batch of {count} (best of {TURNS} turns)",
        title_justify="left",
    )
    for heading in ("known", "µs", "more than complete", "target", ""):
        table.add_column(
            heading, justify="right" if heading in ("µs", "more than complete") else "left"
        )
    complete = measured["everything"]
    for name, taken in measured.items():
        more = taken - complete
        row = [name, f"{taken:.1f}"]
        if more:
            met = "met" if more <= MOST_MORE else "NOT MET"
            row += [f"{more:.1f}", f"<= {MOST_MORE:.0f}", met]
        table.add_row(*row)
    console.print(table)
    times = measured[different] / measured[ALONE]
    met = "met" if times <= MOST_TIMES else "NOT MET"
    console.print(
        f"{count} different sets / one set: {times:.2f} (target <= {MOST_TIMES}: {met}); "
        f"the same where nothing is inferred: {without:.2f}"
    )


def different_sets(number: int) -> list[Known]:
    """Draw different sets of known features, the same every time; the required are in each.

    Complete customers aren't among them.
    """
    generator, found = random.Random(0), dict[Known, None]()
    others = [name for name in CONTRACT.names if name not in CONTRACT.required]
    while len(found) < number:
        size = generator.randrange(len(others))
        found[frozenset([*CONTRACT.required, *generator.sample(others, size)])] = None
    return list(found)


def hide(customers: Customers, sets: Sequence[Known]) -> Customers:
    """Return the customers with only a set of features known, one set after the other."""
    return [
        {name: value for name, value in features.items() if name in sets[i % len(sets)]}
        for i, features in enumerate(customers)
    ]


def _best(scorer: Scorer, batches: dict[str, Customers]) -> dict[str, float]:
    """Time the batches in turns, so that drift hits all alike; microseconds of one customer."""
    best = dict.fromkeys(batches, float("inf"))
    for _ in range(TURNS):
        for name, batch in batches.items():
            started = process_time()
            for features in batch:
                scorer.score(features)
            best[name] = min(best[name], (process_time() - started) / len(batch) * 1e6)
    return best
