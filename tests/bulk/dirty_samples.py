"""Files as people have them, the same that `tests/customers/files` reads."""

from __future__ import annotations

from collections.abc import Iterator

from app.customers.files.customer_reader import read
from app.customers.files.header_matching import HeaderRules
from tests.bulk.dirty_case import Case
from tests.customers.files.right_cases import CASES, REFUSED, RIGHT
from tests.prediction_bodies import CONTRACT


def samples() -> Iterator[Case]:
    """The right ones, whose customers are scored, and the refused ones."""
    for name, right in RIGHT.items():
        with (CASES / name).open("rb") as file:
            ids = tuple(row.id for row in read(file, name, HeaderRules(CONTRACT)).rows)
        assert len(ids) == right.customers
        yield Case(name, (CASES / name).read_bytes(), ids, how=right.how)
    for name, said in REFUSED.items():
        yield Case(name, (CASES / name).read_bytes(), refused=said)
