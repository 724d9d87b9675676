"""A step of the query: columns computed from those of the step before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from textwrap import wrap

from model.sql.dialect import Dialect

WIDTH = 96
"""Of a line with names only."""


@dataclass(frozen=True)
class Step:
    """One of the query's named parts.

    Attributes:
        name: of the step.
        comment: what it does.
        columns: the expression of each, by name.
        kept: columns of the step before that are handed on.
        source: where they come from; without one, the step before.
    """

    name: str
    comment: str
    columns: dict[str, str]
    kept: tuple[str, ...] = ()
    source: str = ""


def chained(steps: Sequence[Step], dialect: Dialect) -> str:
    """Write steps one after another."""
    written, before = [], ""
    for step in steps:
        lines = [f"{what} AS {name}" for name, what in step.columns.items()]
        if step.kept:
            lines.insert(0, "\n    ".join(wrap(", ".join(step.kept), WIDTH)))
        columns = ",\n    ".join(lines)
        written.append(
            f"{step.name} {dialect.step} (\n  -- {step.comment}\n"
            f"  SELECT\n    {columns}\n  FROM {step.source or before}{dialect.end}\n)"
        )
        before = step.name
    return ",\n".join(written)


def listed(expressions: Iterable[str], operator: str) -> str:
    """Write expressions below each other, an operator between them."""
    return f"\n     {operator}".join(expressions)
