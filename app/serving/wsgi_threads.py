"""Lets Flask answer in threads what the event loop doesn't answer itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any

WSGI = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

THREADS = 8


class WSGIThreads:
    """Runs a WSGI application in a pool of threads; each answer is collected before it is sent.

    a2wsgi passes on a body of unknown length, which Flask doesn't read, and makes its own pool;
    asgiref runs one request at a time.

    Args:
        application: answers the requests.
        threads: how many it answers at the same time; the others wait on the event loop.
    """

    def __init__(self, application: WSGI, threads: int = THREADS) -> None:
        self._application = application
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="pages")

    async def answer(
        self, environ: dict[str, Any], body: bytes
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        """Return status, headers and content of the answer to a request."""
        environ["wsgi.input"] = BytesIO(body)
        environ.setdefault("CONTENT_LENGTH", str(len(body)))
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, self._run, environ)

    def _run(self, environ: dict[str, Any]) -> tuple[int, list[tuple[str, str]], bytes]:
        started: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], *_: Any) -> None:
            started[:] = [int(status[:3]), headers]

        found = self._application(environ, start_response)
        try:
            content = b"".join(found)
        finally:
            if close := getattr(found, "close", None):
                close()
        status, headers = started
        return status, headers, content
