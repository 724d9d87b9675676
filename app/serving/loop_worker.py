"""gunicorn's worker with an event loop: uvicorn's, ended by gunicorn."""

from __future__ import annotations

import os
import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from gunicorn.workers.base import Worker
from uvicorn.server import Server
from uvicorn_worker import UvicornWorker

from app.serving.connection import Connection
from app.serving.front import Front

SWITCH_SECONDS = 0.0005
"""Seconds that a thread which renders a page may keep the interpreter from the loop; Python's
default is ten times as long."""


class LoopServer(Server):
    """uvicorn's server, which leaves signals to the worker.

    uvicorn would end the process by the signal that it got, before gunicorn's hooks.
    """

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


class LoopWorker(UvicornWorker):  # type: ignore[misc,unused-ignore]
    """Runs the front of the application that gunicorn loaded."""

    CONFIG_KWARGS = {  # noqa: RUF012 - the base class's attribute
        "loop": "uvloop",
        "http": Connection,
        "ws": "none",
        "lifespan": "off",
        "interface": "asgi3",
        "proxy_headers": False,
        "server_header": False,
        "access_log": False,
        "timeout_notify": 1,
    }

    server: LoopServer | None = None

    def init_signals(self) -> None:
        """Let gunicorn's handlers end the worker, as those of its other workers."""
        Worker.init_signals(self)

    def handle_exit(self, sig: int, frame: Any) -> None:
        """End after the requests that are being answered."""
        super().handle_exit(sig, frame)
        if self.server:
            self.server.should_exit = True

    def handle_quit(self, sig: int, frame: Any) -> None:
        """End at once."""
        self.handle_exit(sig, frame)
        if self.server:
            self.server.force_exit = True

    async def callback_notify(self) -> None:
        """Tell gunicorn that the loop runs; end if gunicorn has ended."""
        self.notify()
        if self.server and self.ppid != os.getppid():
            self.server.should_exit = True

    async def _serve(self) -> None:
        sys.setswitchinterval(SWITCH_SECONDS)
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        self.config.app = Front(self.wsgi)
        self.server = LoopServer(self.config)
        self.server.should_exit = not self.alive
        await self.server.serve([listener.sock for listener in self.sockets])
