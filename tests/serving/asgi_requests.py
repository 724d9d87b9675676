"""Requests to an ASGI application, without a server."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from app.serving.front import Front


def asked(  # noqa: PLR0917 - a request has as many parts
    front: Front,
    method: str,
    path: str,
    query: str = "",
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    client: str = "127.0.0.1",
) -> tuple[int, list[tuple[str, str]], bytes]:
    """Status, headers and content of the answer to a request."""
    given = {"Host": "localhost", "Content-Length": str(len(body)), **(headers or {})}
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [(n.lower().encode(), v.encode("latin-1")) for n, v in given.items()],
        "server": ("127.0.0.1", 80),
        "client": (client, 1),
        "scheme": "http",
    }
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    # In a thread: a browser that other tests have opened runs a loop in this one.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, front(scope, receive, send)).result()
    start, content = sent
    pairs = [(name.decode(), value.decode("latin-1")) for name, value in start["headers"]]
    return start["status"], pairs, content["body"]
