"""Finds a stored customer whose id is the query."""

from __future__ import annotations

import re
from contextlib import suppress
from urllib.parse import quote

from markupsafe import Markup

from app.access.allowed import allowed
from app.handbook.search.search_results import Result
from app.http import known_paths
from app.resilience.unavailable import DependencyUnavailable
from app.services import services

_ID = re.compile(r"(?=\D*\d)[\w.:@-]{1,64}", re.ASCII)
"""An id has a digit, so that words aren't looked up."""


def find(query: str) -> Result | None:
    """Return the page of the customer with this id, if there is one and the caller may see it.

    A database that is down finds nothing: the search goes on without it.
    """
    id_ = query.strip()
    url = f"/customers/{quote(id_)}"
    if not (_ID.fullmatch(id_) and known_paths.shows(f"/customers/{id_}") and allowed("predict")):
        return None
    found = None
    with suppress(DependencyUnavailable):
        found = services().customers.store.features(id_)
    if found is None:
        return None
    return Result("customer", id_, url, "", Markup("The risk of this customer, and its reasons."))
