"""Documents access in OpenAPI, from the scopes that the views declare."""

from __future__ import annotations

from typing import Any

from apispec import APISpec, BasePlugin
from flask import Flask

from app.access.scopes import ANY, scopes_of

_REFUSALS = {
    "401": "UNAUTHORIZED",
    "403": "FORBIDDEN",
    "429": "TOO_MANY_REQUESTS",
}


class AccessPlugin(BasePlugin):
    """Documents which key each operation needs, and how it refuses.

    Args:
        app: with the views that declare scopes.
        keys: whether keys are configured; without them, local callers need none.
    """

    def __init__(self, app: Flask, keys: bool) -> None:
        self._app = app
        self._keys = keys

    def init_spec(self, spec: APISpec) -> None:
        """Name the two ways to send a key."""
        spec.components.security_scheme(
            "bearer",
            {
                "type": "http",
                "scheme": "bearer",
                "description": "`Authorization: Bearer KEY`. `churn keys new` makes a key.",
            },
        )
        spec.components.security_scheme(
            "basic",
            {
                "type": "http",
                "scheme": "basic",
                "description": "For browsers: the key is the password; the user name is ignored.",
            },
        )

    def operation_helper(
        self,
        path: str | None = None,  # noqa: ARG002 - apispec's signature
        operations: dict[str, Any] | None = None,
        *,
        rule: Any = None,
        **_: Any,
    ) -> None:
        """Document the security and the refusals of a route's operations."""
        scopes = scopes_of(self._app.view_functions[rule.endpoint]) or frozenset()
        # A key with one of several scopes is enough: the list has alternatives.
        roles = [[]] if scopes == ANY else [[scope] for scope in sorted(scopes)]
        security: list[dict[str, list[str]]] = [
            {scheme: role} for scheme in ("bearer", "basic") for role in roles
        ]
        if scopes and not self._keys:
            security.append({})
        for operation in (operations or {}).values():
            operation["security"] = security if scopes else []
            if scopes:
                responses = {**operation["responses"], **_REFUSALS}
                operation["responses"] = {
                    code: responses[code] for code in sorted(responses, key=str)
                }
