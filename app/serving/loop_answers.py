"""What the event loop answers itself: predictions and probes. Nothing here waits."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from time import monotonic
from typing import Any, TypeVar

from app.diagnostics.health import liveness, readiness
from app.http.json_encoding import dumps
from app.http.request_reading import JSON, check_media_type
from app.predictions.service import BATCH_PATH, PATH, SCOPE
from app.services import Services

T = TypeVar("T")
Headers = list[tuple[str, str]]
Answer = Callable[[dict[str, Any], bytes], Awaitable[tuple[int, Headers, bytes]]]
"""Takes the environment of a request and its body; returns status, headers, content."""

_SCOPES = frozenset((SCOPE,))

LARGE = 16 * 1024
"""Bytes of a body; to explain the faults of a larger one can take long."""

ANSWERED: Headers = [("Content-Type", JSON)]


class LoopAnswers:
    """The answers of an application by method and path."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._predictions = services.predictions
        self._one_batch = asyncio.Lock()
        self._waiting = ThreadPoolExecutor(4, thread_name_prefix="waiting")
        self.routes: dict[tuple[str, str], Answer] = {
            ("POST", PATH): self._predict,
            ("POST", BATCH_PATH): self._predict_batch,
            ("GET", "/health/live"): self._live,
            ("GET", "/health/ready"): self._ready,
        }

    async def _predict(self, environ: dict[str, Any], body: bytes) -> tuple[int, Headers, bytes]:
        await self._admit(environ)
        query = environ["QUERY_STRING"].encode("latin-1")
        if len(body) > LARGE:
            content = await self._in_thread(self._predictions.predict, body, query)
        else:
            content = self._predictions.predict(body, query)
        return 200, ANSWERED, content

    async def _predict_batch(
        self, environ: dict[str, Any], body: bytes
    ) -> tuple[int, Headers, bytes]:
        await self._admit(environ)
        query = environ["QUERY_STRING"].encode("latin-1")
        found = self._predictions.predict_batch(body, query)
        async with self._one_batch:
            parts = [await self._in_thread(next, found)]
            for part in found:
                parts.append(part)
                await asyncio.sleep(0)  # others are served
        return 200, ANSWERED, b"".join(parts)

    async def _admit(self, environ: dict[str, Any]) -> None:
        """Refuse a request that its sender may not make, or whose body cannot be read."""
        caller = self._services.guard.caller(environ, _SCOPES)
        limit = self._services.rate_limit
        if limit and limit.waits:
            await self._in_thread(limit.count, caller, monotonic())
        elif limit:
            limit.count(caller)
        check_media_type(environ.get("CONTENT_TYPE", ""), environ.get("HTTP_CONTENT_ENCODING", ""))

    async def _in_thread(self, call: Callable[..., T], *args: Any) -> T:
        run = copy_context().run  # parts of the request are noted in its context
        return await asyncio.get_running_loop().run_in_executor(self._waiting, run, call, *args)

    async def _live(self, *_: Any) -> tuple[int, Headers, bytes]:
        return 200, ANSWERED, dumps(liveness())

    async def _ready(self, *_: Any) -> tuple[int, Headers, bytes]:
        status, headers, body = readiness(self._services)
        return status, [*ANSWERED, *headers], dumps(body)
