"""Reads features from files, which spell names and values in more ways than the API accepts."""

from __future__ import annotations

import re
from collections.abc import Iterable

from model.features import Contract, Feature, Value

# float() also reads "1_000", " 1", "inf" and digits of other scripts.
NUMBER = re.compile(r"[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?")
"""What pyarrow reads as a number that isn't infinite: files are read by either."""

_TRUE = re.compile(r"1(\.0{0,30})?|true|yes")
_FALSE = re.compile(r"0(\.0{0,30})?|false|no")
_BETWEEN_WORDS = re.compile(r"[\s_\-\u2010\u2011]+")
_HYPHENS = str.maketrans("\u2010\u2011", "--")


def fold_name(name: str) -> str:
    """Return a column's name without case, blanks, underscores and hyphens."""
    return _BETWEEN_WORDS.sub("", name.casefold())


def fold_value(text: str) -> str:
    """Return a value's text with one form of case, blanks and hyphens."""
    return " ".join(text.translate(_HYPHENS).casefold().split())


def boolean(text: str) -> bool | None:
    """Read yes or no, true or false, 1 or 0; None for another text."""
    folded = fold_value(text)
    return True if _TRUE.fullmatch(folded) else False if _FALSE.fullmatch(folded) else None


class CellReader:
    """Reads the values of one feature.

    Args:
        feature: says which values there are.
        missing: texts that mean not known. An empty cell always does. A value of the feature, or a
            code of one, keeps its meaning.
    """

    def __init__(self, feature: Feature, missing: Iterable[str]) -> None:
        self.feature = feature
        self._missing = frozenset(map(fold_value, missing))
        named: dict[str, set[Value]] = {}
        spellings: dict[str, Value] = {value: value for value in feature.values}
        for text, value in [*spellings.items(), *feature.codes.items()]:
            named.setdefault(fold_value(text), set()).add(value)
        self._named = {text: value for text, (value, *others) in named.items() if not others}

    def from_text(self, text: str) -> Value:
        """Read a cell; None means not known.

        Raises:
            ValueError: saying what to give.
        """
        text = text.strip()
        if not text or text in self.feature.values:
            return text or None
        folded = fold_value(text)
        if folded in self._named:
            return self._named[folded]
        if folded in self._missing:
            return None
        value: Value = text
        if self.feature.type in ("integer", "number") and NUMBER.fullmatch(text):
            value = self._number(text)
        elif self.feature.type == "boolean":
            read = boolean(text)
            value = text if read is None else read
        if fault := self.feature.fault(value):
            raise ValueError(fault)
        return value

    def _number(self, text: str) -> Value:
        """Read a number. Programs write 12 as 12.0 when a column has gaps, and others as 1.2e1."""
        number = float(text)
        if self.feature.type == "number":
            return number
        return int(number) if number.is_integer() else text

    def from_json(self, value: object) -> Value:
        """Read a value of a JSON file: 1, "1" and "Yes" are true, and a number may be a text.

        Raises:
            ValueError: saying what to give.
        """
        if isinstance(value, str):
            return self.from_text(value)
        if not self.feature.accepts(value) and type(value) in (int, float):
            return self.from_text(repr(value))
        if value is not None and (fault := self.feature.fault(value)):
            raise ValueError(fault)
        return value  # type: ignore[return-value]  # the feature accepts it


def cell_readers(contract: Contract) -> dict[str, CellReader]:
    """Return the reader of each feature, by name."""
    return {f.name: CellReader(f, contract.missing) for f in contract.features}
