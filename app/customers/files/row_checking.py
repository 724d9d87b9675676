"""Checks the customers of a file against the contract, one at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from operator import itemgetter
from typing import Any, Protocol

from app.customers.files.cell_table import TableRow
from app.customers.files.customer_id import ID_RULE, is_customer_id
from app.customers.files.decimal_comma import with_point
from app.customers.files.file_row import Fault, FileRow, wrong_cell
from app.customers.files.header_matching import HeaderRules, Matched
from app.customers.files.json_customers import flat
from model.cell_reading import boolean, cell_readers
from model.features import Value

CACHED_CELLS = 16384
"""Cells of each column whose values are kept; most columns have few."""


class Cells(Protocol):
    """A table of texts; it knows which columns have decimal commas."""

    decimal_commas: frozenset[int]


class RowChecker:
    """Makes rows of what files contain.

    Args:
        rules: which columns a file has.
    """

    def __init__(self, rules: HeaderRules) -> None:
        self._rules = rules
        self._contract = rules.contract
        self._readers = cell_readers(rules.contract)
        self.never_kept = set(rules.keep)
        """Columns to keep that no customer of a JSON file has had."""
        self._match = lru_cache(maxsize=64)(rules.match)

    def table(self, table: Cells, matched: Matched) -> Callable[[TableRow], FileRow]:
        """Return the function that checks the rows of a table."""
        names = tuple(matched.features.values())
        cells_of = _chooser(tuple(matched.features))
        readers = []
        for at, name in matched.features.items():
            read = self.reader(name, decimal_commas=at in table.decimal_commas)
            readers.append(lru_cache(maxsize=CACHED_CELLS)(read))

        def check(row: TableRow) -> FileRow:
            if row.fault:
                return FileRow(row.line, faults=(Fault("", row.fault),))
            customer = "" if matched.id is None else row.cells[matched.id].strip()
            outcome = "" if matched.outcome is None else row.cells[matched.outcome]
            cells = cells_of(row.cells)
            wrong: dict[str, Fault] = {}
            try:
                values = [read(cell) for read, cell in zip(readers, cells, strict=True)]
                features = dict(zip(names, values, strict=True))
            except ValueError:
                features, wrong = _read_each(names, readers, cells)
            faults = self._faults(features, wrong)
            kept = tuple(row.cells[at].strip() for at in matched.kept if at is not None)
            return self._row(row.line, customer, features, outcome, faults, kept=kept)

        return check

    def reader(self, name: str, *, decimal_commas: bool) -> Callable[[str], Value]:
        """Return the function that reads the cells of a feature's column.

        Args:
            name: of the feature.
            decimal_commas: whether the column's numbers may have them.
        """
        read = self._readers[name].from_text
        numeric = self._contract.by_name[name].type in ("integer", "number")
        return partial(_point_first, read) if numeric and decimal_commas else read

    def entry(self, line: int, entry: object) -> FileRow:
        """Check a customer of a JSON file: features beside the id, or an object of them."""
        columns, values = flat(entry)
        if not columns:
            return FileRow(line, faults=(Fault("", "give an object with id and features"),))
        matched = self._match(columns)
        customer = "" if matched.id is None else _json_id(values[matched.id])
        outcome = "" if matched.outcome is None else values[matched.outcome]
        features: dict[str, Any] = {name: values[at] for at, name in matched.features.items()}
        faults = [Fault("", fault) for fault in matched.faults]
        if not self._contract.accepts(features):
            readers = [self._readers[name].from_json for name in features]
            features, wrong = _read_each([*features], readers, [*features.values()])
            faults += self._faults(features, wrong)
        kept = tuple(None if at is None else values[at] for at in matched.kept)
        if self.never_kept:
            places = zip(self._rules.keep, matched.kept, strict=True)
            self.never_kept -= {name for name, at in places if at is not None}
        return self._row(line, customer, features, outcome, faults, kept=kept)

    def left_out(self, entry: object) -> list[str]:
        """Name what is left out of a customer of a JSON file."""
        return self._match(flat(entry)[0]).left_out

    def _faults(self, features: dict[str, Value], wrong: dict[str, Fault]) -> list[Fault]:
        """Add what the contract says to the faults of cells that could not be read."""
        if not wrong and self._contract.accepts(features):
            return []
        said = self._contract.faults(features)
        others = [Fault(name, fault) for name, fault in said if name not in wrong]
        return [*wrong.values(), *others]

    def _row(
        self,
        line: int,
        customer: str,
        features: dict[str, Value],
        outcome: object,
        faults: list[Fault],
        *,
        kept: tuple[object, ...],
    ) -> FileRow:
        """Make a row, if id and outcome are right too."""
        left = None
        if self._rules.labelled:
            left = boolean(str(outcome))
            if left is None:
                faults.append(wrong_cell(self._rules.target, "give yes or no", outcome))
        elif not is_customer_id(customer):
            faults.append(wrong_cell("id", ID_RULE, customer or None))
        if faults:
            return FileRow(line, customer[:64], faults=tuple(faults))
        known = {name: value for name, value in features.items() if value is not None}
        return FileRow(line, customer, known, bool(left), kept=kept)


def _read_each(
    names: Sequence[str], readers: Sequence[Callable[[Any], Value]], cells: Sequence[object]
) -> tuple[dict[str, Value], dict[str, Fault]]:
    """Read each cell; return the values, and the faults of those that cannot be read."""
    values: dict[str, Value] = {}
    faults: dict[str, Fault] = {}
    for name, read, cell in zip(names, readers, cells, strict=True):
        try:
            values[name] = read(cell)
        except ValueError as error:
            faults[name] = wrong_cell(name, str(error), cell)
    return values, faults


def _json_id(value: object) -> str:
    """Write an id as text; pandas writes 7 as 7.0 when a column has gaps."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None or isinstance(value, bool | list | dict) else str(value).strip()


def _point_first(read: Callable[[str], Value], text: str) -> Value:
    return read(with_point(text))


def _chooser(positions: tuple[int, ...]) -> Callable[[list[str]], Sequence[str]]:
    """Return the function that takes the cells at these positions."""
    if len(positions) > 1:
        return itemgetter(*positions)
    return lambda cells: [cells[at] for at in positions]
