"""Reads the query of the list, and writes the queries of its links."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import marshmallow as ma

from app.customers.ranking_cursor import Cursor, Place
from app.customers.schemas import budget_field, with_policy
from app.customers.web.budget_words import plain
from app.customers.web.customer_filters import as_query, read_filters
from app.http.problems import Problem
from app.http.request_reading import load_query
from app.predictions.request_schemas import policy_field
from model.features import Contract


class _Options(ma.Schema):
    """Options beside the filters; others, such as those of a newsletter's link, don't matter."""

    class Meta:
        unknown = ma.INCLUDE

    policy = policy_field()
    budget = budget_field()
    after = Cursor()
    id = ma.fields.String(load_default="")

    @ma.pre_load
    def _with_policy(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Read a form's empty budget as none."""
        return with_policy({n: v for n, v in data.items() if (n, v.strip()) != ("budget", "")})


@dataclass(frozen=True)
class ListQuery:
    """What a reader asked of the list.

    Attributes:
        policy: its threshold marks customers.
        budget: for calls, in the currency of the release's economics, or None.
        after: the position after which the page begins, or None for the first page.
        customer: an id to find, or nothing.
        chosen: values by feature, to filter by.
    """

    policy: str
    budget: float | None
    after: Place | None
    customer: str
    chosen: Mapping[str, str | bool]

    def link(self, policy: str | None = None, after: str | None = None) -> dict[str, Any]:
        """Return the query of the same list, from its first page or after a position."""
        wanted = policy or self.policy
        query: dict[str, Any] = {} if self.budget is None else {"budget": plain(self.budget)}
        if wanted != with_policy(query).get("policy", "default"):
            query["policy"] = wanted
        query |= as_query(self.chosen)
        return query | {"after": after} if after else query


def read_list_query(query: bytes, contract: Contract) -> ListQuery:
    """Read the query of a list.

    Raises:
        Problem: an option cannot be used, or a budget is combined with filters.
    """
    given = load_query(_Options(), query)
    chosen, budget = read_filters(given, contract), given.get("budget")
    if chosen and budget is not None:
        fault = {"parameter": "budget", "detail": "Give a budget or filters, not both"}
        raise Problem(
            "invalid-input", "A budget counts all customers, so nothing filters it", [fault]
        )
    customer = given["id"].strip()
    return ListQuery(given["policy"], budget, given.get("after"), customer, chosen)
