"""Asks a running service over HTTP, as any caller does."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any

SECONDS = 30
"""Until the connection, and between two parts of an answer."""

SIZE_LIMIT = 16 * 1024 * 1024
KEY = "CHURN_API_KEY"
"""The environment variable with the key."""

_HINTS = {401: f"; set {KEY} to a key", 403: f"; set {KEY} to a key with the scope predict"}


class ServiceError(ValueError):
    """The service can't be asked; the message names its address and says why."""


@dataclass(frozen=True)
class RunningService:
    """A service by its address, and the key that it asks for, or an empty text."""

    url: str
    key: str = field(repr=False)

    def releases(self) -> dict[str, Any]:
        """Return the answer of `GET /models`.

        Raises:
            ServiceError: it doesn't give one.
        """
        return self._ask("/models", None)

    def predict(self, customers: list[dict[str, Any]], policy: str) -> dict[str, Any]:
        """Return the answer of `POST /predict/batch`, without reasons.

        Raises:
            ServiceError: it doesn't give one.
        """
        named = [{"id": str(n), "features": found} for n, found in enumerate(customers)]
        return self._ask("/predict/batch?reasons=0", {"customers": named, "policy": policy})

    def _ask(self, path: str, body: object) -> dict[str, Any]:
        url = self.url.removesuffix("/") + path
        try:
            request = urllib.request.Request(url, method="GET" if body is None else "POST")  # noqa: S310
            if body is not None:
                request.data = json.dumps(body).encode()
                request.add_header("Content-Type", "application/json")
            if self.key:  # which no redirection gives to another server
                request.add_unredirected_header("Authorization", f"Bearer {self.key}")
            with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310
                content = answer.read(SIZE_LIMIT + 1)
        except urllib.error.HTTPError as error:
            with error:
                raise ServiceError(f"{url}: {_refusal(error)}") from None
        except urllib.error.URLError as error:
            raise ServiceError(f"{url}: {_reason(error.reason)}") from None
        except (OSError, HTTPException, ValueError) as error:
            raise ServiceError(f"{url}: {_reason(error)}") from None
        try:
            found = json.loads(content) if len(content) <= SIZE_LIMIT else None
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise ServiceError(f"{url}: its answer is not this service's")
        return found


def _refusal(error: urllib.error.HTTPError) -> str:
    """Say what the service says: the problem's detail and first fault, and what to do."""
    try:
        problem = json.loads(error.read(SIZE_LIMIT))
        said = str(problem["detail"])
        if faults := problem.get("errors"):
            said += f" ({faults[0]['pointer']}: {faults[0]['detail']})"
    except (OSError, HTTPException, ValueError, TypeError, KeyError, AttributeError):
        said = error.reason
    wait = error.headers.get("Retry-After")
    hint = f"; try again in {wait} s" if wait else _HINTS.get(error.code, "")
    return f"{error.code} {said[:300].rstrip('.')}{hint}"


def _reason(error: object) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
