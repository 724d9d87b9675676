"""Selectors of labels and fields, as kubectl sends them."""

from __future__ import annotations

from tools.api_server_kinds import Object, RefusedError


def selects(selector: str, values: Object, inside: bool = False) -> bool:
    """Whether every term of a selector holds.

    Args:
        selector: terms `name=value` and `name!=value`, separated by commas.
        values: what the names stand for.
        inside: whether names are paths into `values`.

    Raises:
        RefusedError: it has another kind of term.
    """
    for term in filter(None, selector.split(",")):
        name, sign, value = term.partition("!=" if "!=" in term else "=")
        if not sign or "(" in term:
            raise RefusedError(400, "BadRequest", f"{term}: only = and != are known here")
        found: object = values
        for key in name.split(".") if inside else [name]:
            found = found.get(key, "") if isinstance(found, dict) else ""
        if (str(found) == value.removeprefix("=")) != (sign == "="):
            return False
    return True
