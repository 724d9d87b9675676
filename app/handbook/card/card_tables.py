"""Turns lists of a model card into tables: metrics by policy, group and data set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

_ACRONYMS = {"roc": "ROC", "auc": "AUC", "pr": "PR", "f1": "F1", "slo": "SLO"}

_NAMES = {
    "expected_maximum_profit": "Expected maximum profit per customer",
    "emp_fraction": "Share of customers to call for it",
    "profit": "Profit per customer",
}


@dataclass(frozen=True)
class TableCell:
    """A cell: its text, and the interval below it if there is one."""

    text: str
    note: str = ""
    number: bool = False


@dataclass(frozen=True)
class Table:
    """Titles of columns, and rows; the first cell of a row is its heading."""

    columns: list[str]
    rows: list[list[TableCell]]


def policies(metrics: dict[str, Any], currency: str = "") -> Table | None:
    """Make the table of policies: thresholds and metrics (`recall_<policy>`).

    Args:
        metrics: of the card.
        currency: of its economics, if it has any.
    """
    thresholds = metrics.get("decision_thresholds") or {}
    goals = metrics.get("decision_threshold_goals") or {}
    entries = {str(e.get("metric")): e for e in metrics.get("model_performance") or []}
    found = (n.removesuffix(f"_{p}") for n in entries for p in thresholds if n.endswith(f"_{p}"))
    names = list(dict.fromkeys(found))
    rows = []
    for policy, threshold in thresholds.items():
        cells = [measure(entries.get(f"{name}_{policy}", {})) for name in names]
        head = TableCell(words(policy), str(goals.get(policy, "")))
        rows.append([head, cell(threshold), *cells])
    columns = ["Policy", "Threshold", *(in_units(name, currency) for name in names)]
    return Table(columns, rows) if rows else None


def overall(metrics: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the metrics that don't belong to a policy."""
    suffixes = tuple(f"_{policy}" for policy in metrics.get("decision_thresholds") or {})
    entries = metrics.get("model_performance") or []
    return [e for e in entries if not suffixes or not str(e.get("metric")).endswith(suffixes)]


def table(rows: list[dict[str, Any]]) -> Table:
    """Make a table of mappings with the same keys.

    A mapping in a row, such as the performance on a data set, transposes the table: each row
    becomes a column. A list of metrics in a row gives each metric a column. `<key>_interval` is
    shown below the value of `<key>`.
    """
    nested = [key for key, value in rows[0].items() if isinstance(value, dict)]
    return _turned(rows, nested) if nested else _flat(rows)


def _turned(rows: list[dict[str, Any]], nested: list[str]) -> Table:
    first, *others = [key for key in rows[0] if key not in nested]
    columns = [words(first), *(str(row.get(first)) for row in rows)]
    lines = [[TableCell(words(key)), *(cell(row.get(key)) for row in rows)] for key in others]
    for key in nested:
        for name in rows[0][key]:
            values = [(row.get(key) or {}).get(name) for row in rows]
            lines.append([TableCell(words(name)), *map(cell, values)])
    return Table(columns, lines)


def _flat(rows: list[dict[str, Any]]) -> Table:
    columns: list[str] = []
    lines: list[list[TableCell]] = [[] for _ in rows]
    for key, first in rows[0].items():
        if isinstance(first, list) and first and isinstance(first[0], dict):
            names = [str(entry.get("metric")) for entry in first]
            columns += map(words, names)
            for row, line in zip(rows, lines, strict=True):
                entries = {str(e.get("metric")): e for e in row.get(key) or []}
                line += [measure(entries.get(name, {})) for name in names]
        elif not key.endswith("_interval") or key.removesuffix("_interval") not in rows[0]:
            columns.append(words(key))
            for row, line in zip(rows, lines, strict=True):
                line.append(replace(cell(row.get(key)), note=str(row.get(f"{key}_interval", ""))))
    return Table(columns, lines)


def measure(entry: dict[str, Any]) -> TableCell:
    """Write a metric with its interval."""
    return TableCell(short(entry.get("value")), interval(entry), number=True)


def cell(value: object) -> TableCell:
    """Make a cell of any value."""
    if isinstance(value, list):
        return TableCell(", ".join(map(str, value)))
    return TableCell(short(value), number=isinstance(value, (int, float)))


def interval(entry: Mapping[str, Any]) -> str:
    """Write a metric's interval, or nothing."""
    low, high = entry.get("interval") or (None, None)
    return f"{short(low)} to {short(high)}" if low is not None else ""


def short(value: object) -> str:
    """Write a number with three decimals and separated thousands."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.3f}"
    return f"{value:,}" if type(value) is int else str(value)


def in_units(metric: str, currency: str) -> str:
    """Write the name of a metric, with the currency if it is an amount."""
    return f"{words(metric)} ({currency})" if metric.endswith("profit") else words(metric)


def words(key: str) -> str:
    """Write a key as words: `roc_auc` is "ROC AUC"."""
    if key in _NAMES:
        return _NAMES[key]
    parts = [_ACRONYMS.get(part, part) for part in key.replace("-", "_").split("_")]
    text = " ".join(parts)
    return text[:1].upper() + text[1:]
