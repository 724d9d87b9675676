"""The factor model in SQL: the same sums as `FactorModel.infer`, in the same order."""

from __future__ import annotations

from collections.abc import Mapping

from model.bins import Bins
from model.factor_model import HALF_RANGE, FactorModel
from model.sql.dialect import Dialect, number
from model.sql.step import Step, listed

PLUS = " + "


def unknown_bins(factors: FactorModel) -> dict[tuple[str, Bins], list[int]]:
    """Return the bins in which each feature counts as unknown."""
    return {
        (feature.name, feature.bins): [i for i, e in enumerate(feature.evidence) if e is None]
        for feature in factors.features
    }


def evidence(
    factors: FactorModel, column: Mapping[tuple[str, Bins], str], dialect: Dialect
) -> dict[str, str]:
    """Return the columns that need the bins: evidence, and 1 for each unknown feature, else 0.

    Args:
        factors: the factor model.
        column: the column with a feature's bin.
        dialect: of the database.
    """
    columns = {}
    for axis in (0, 1):
        sums = [
            dialect.pick(column[f.name, f.bins], [e[axis] if e else 0.0 for e in f.evidence])
            for f in factors.features
        ]
        columns[f"h{axis + 1}"] = listed(sums, PLUS)
    for i, (pair, bins) in enumerate(unknown_bins(factors).items()):
        one, zero = f"CAST(1 AS {dialect.double})", f"CAST(0 AS {dialect.double})"
        among = ", ".join(map(str, bins))
        flag = f"CASE WHEN {column[pair]} IN ({among}) THEN {one} ELSE {zero} END"
        columns[f"u{i}"] = flag if bins else zero
    return columns


def steps(factors: FactorModel, dialect: Dialect) -> list[Step]:
    """Return the steps from the evidence to log-odds and range."""
    features = list(enumerate(factors.features))
    sums = {}
    for entry, name in enumerate(("m11", "m12", "m22")):
        known = [f"(1e0 - u{i}) * {number(f.precision[entry])}" for i, f in features]
        sums[name] = listed(["0e0" if name == "m12" else "1e0", *known], PLUS)
    for axis, name in enumerate(("e1", "e2")):
        sums[name] = listed([f"u{i} * {number(f.loadings[axis])}" for i, f in features], PLUS)
    numbers = {feature.name: i for i, feature in features}
    rest = [f"u{i} * {number(f.variance)}" for i, f in features]
    rest += [
        f"{dialect.greatest}(u{numbers[one]}, u{numbers[other]}) * {number(variance)}"
        for one, other, variance in factors.pairs
    ]
    sums["rest"] = listed(rest, PLUS)
    determinant = "(m11 * m22 - m12 * m12)"
    solved = {
        "q1": f"(m22 * e1 - m12 * e2) / {determinant}",
        "q2": f"(m11 * e2 - m12 * e1) / {determinant}",
    }
    expected = {
        "mean": "known + h1 * q1 + h2 * q2",
        "variance": f"{dialect.greatest}(e1 * q1 + e2 * q2 + rest, 0e0)",
    }
    half = f"{number(HALF_RANGE)} * SQRT(variance)"
    low, high = f"mean - {half}", f"mean + {half}"
    middle = (
        f"(mean + {number(factors.shift)} * variance) / "
        f"SQRT(1e0 + {number(factors.spread)} * variance)"
    )
    inferred = {
        "log_odds": f"{dialect.least}({dialect.greatest}({middle}, {low}), {high})",
        "low_odds": low,
        "high_odds": high,
    }
    kept = ("known", "h1", "h2")
    return [
        Step("summed", "Precision of the factors; loadings and variance unknown.", sums, kept),
        Step("solved", "What the evidence says of them.", solved, (*kept, "e1", "e2", "rest")),
        Step("expected", "Mean and variance of the log-odds.", expected),
        Step("inferred", "The log-odds and their range.", inferred),
    ]
