"""Finds the features, the id and the outcome among the columns of a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import Enum
from functools import cached_property
from itertools import islice

from app.customers.files.cell_table import is_unnamed, no_name
from app.customers.files.customer_id import ID_COLUMNS
from app.customers.files.kept_columns import hint, kept_positions, several
from model.cell_reading import fold_name
from model.features import NO_SUCH_FEATURE, Contract

TARGET = "churn"
"""The column with the outcome, unless training names another."""

MAX_TOLD = 20
"""Faults or columns that one message names."""


class _Role(Enum):
    """What a column is that isn't a feature."""

    ID = "the id"
    OTHER_ID = "another id"
    OUTCOME = "the outcome"
    IGNORED = "ignored by the contract"
    UNNAMED = "without a name"
    UNKNOWN = "not a feature"


_REPEATABLE = (_Role.UNKNOWN, _Role.UNNAMED, _Role.OTHER_ID, _Role.IGNORED)


@dataclass(frozen=True)
class Matched:
    """What the columns of a header are.

    Attributes:
        features: name of the feature by position.
        id: position of the id, or None.
        outcome: position of the outcome, or None.
        left_out: the other columns, in words.
        kept: positions of the columns that the output shall have too, as the rules name them; of
            one that isn't there None.
        faults: all that is wrong with the header, in words.
    """

    features: dict[int, str]
    id: int | None
    outcome: int | None
    left_out: list[str]
    kept: list[int | None]
    faults: list[str]


@dataclass(frozen=True)
class HeaderRules:
    """The columns to look for.

    Args:
        contract: whose features they are.
        id_column: the column with the id; empty for one of the usual names.
        target: the column with the outcome.
        labelled: the outcome is needed and no id, and columns that aren't features are left out.
            Otherwise the outcome is left out, and such columns are faults.
        keep: columns that the output shall have too, whatever else they are.
    """

    contract: Contract
    id_column: str = ""
    target: str = TARGET
    labelled: bool = False
    keep: tuple[str, ...] = ()

    def match(self, columns: Sequence[str]) -> Matched:
        """Say what each column of a header is, and name all faults."""
        kept = kept_positions(self.keep, columns)
        wanted = {at for positions in kept for at in positions}
        roles: dict[str | _Role, list[int]] = {}
        for at, name in enumerate(columns):
            role = self._role(name)
            if at not in wanted or role is _Role.ID or isinstance(role, str):
                roles.setdefault(role, []).append(at)
        if self.labelled:
            others = (_Role.IGNORED, _Role.UNKNOWN)
            left_out = [columns[at] for role in others for at in roles.get(role, ())]
        else:
            left_out = [
                f"{columns[at]} ({role.value})"
                for role in (_Role.OUTCOME, _Role.OTHER_ID, _Role.IGNORED)
                for at in roles.get(role, ())
            ]
        left_out += [no_name(at) for at in roles.get(_Role.UNNAMED, ())]
        return Matched(
            {at: role for role, (at, *_) in roles.items() if isinstance(role, str)},
            roles.get(_Role.ID, [None])[0],
            roles.get(_Role.OUTCOME, [None])[0],
            left_out,
            [positions[0] if positions else None for positions in kept],
            [*islice(self._faults(columns, roles, kept), MAX_TOLD)],
        )

    def missing(self, columns: Sequence[str], matched: Matched) -> Iterator[str]:
        """Name the columns that a table needs and lacks; training needs every feature."""
        contract, there = self.contract, set(matched.features.values())
        for name in contract.names if self.labelled else contract.required:
            if name not in there and self.labelled:
                yield f"no column {name}{hint(name, matched.left_out)}"
            elif name not in there:
                yield f"no column {name}, which is required"
        if self.labelled and matched.outcome is None:
            yield f"no column {self.target}{hint(self.target, columns)}"
        for name, at in zip(self.keep, matched.kept, strict=True):
            if at is None:
                yield f"no column {name!r} to keep{hint(name, columns)}"

    def _role(self, name: str) -> str | _Role:
        folded = fold_name(name)
        outcome = folded == fold_name(self.target)
        if is_unnamed(name):
            return _Role.UNNAMED
        if self.labelled and outcome:
            return _Role.OUTCOME
        if not self.labelled and self.id_column and folded == fold_name(self.id_column):
            return _Role.ID
        if name in self.contract.by_name:
            return name
        return self._features.get(folded) or self._role_beside(folded, outcome)

    def _role_beside(self, folded: str, outcome: bool) -> _Role:
        """What a column is that is no feature."""
        if folded in ID_COLUMNS and not self.labelled:
            return _Role.OTHER_ID if self.id_column else _Role.ID
        if outcome:
            return _Role.OUTCOME
        return _Role.IGNORED if folded in self._ignored else _Role.UNKNOWN

    @cached_property
    def _ignored(self) -> set[str]:
        return set(map(fold_name, self.contract.ignored))

    @cached_property
    def _features(self) -> dict[str, str]:
        """Names of features by their names and aliases, folded."""
        return {
            fold_name(name): feature.name
            for feature in self.contract.features
            for name in (*feature.aliases, feature.name)
        }

    def _faults(
        self,
        columns: Sequence[str],
        roles: dict[str | _Role, list[int]],
        kept: list[list[int]],
    ) -> Iterator[str]:
        known = {**self._features, **({} if _Role.ID in roles or self.labelled else ID_COLUMNS)}
        for at in () if self.labelled else roles.get(_Role.UNKNOWN, ()):
            name = columns[at]
            close = get_close_matches(fold_name(name)[:100], known, n=1)
            meant = f"; did you mean {known[close[0]]}?" if close else ""
            yield f"{name[:50]!r}: {NO_SUCH_FEATURE}{meant}"
        for role, (first, *others) in roles.items():
            if others and role not in _REPEATABLE:
                names = " and ".join(repr(columns[at][:50]) for at in (first, *others))
                what = role if isinstance(role, str) else role.value
                choose = ": choose one with --id" if role is _Role.ID else ""
                yield f"columns {names} are both {what}{choose}"
        if _Role.ID not in roles and not self.labelled:
            if self.id_column:
                yield f"no column {self.id_column}{hint(self.id_column, columns)}"
            else:
                yield "no column customer_id: name the column of the id with --id"
        for name, positions in zip(self.keep, kept, strict=True):
            if len(positions) > 1:
                yield several(name, positions, columns)
