"""The event loop of a worker, served in a thread of the test."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import Popen
from typing import Any, cast

from flask import Flask
from uvicorn.config import Config

from app.serving.connection import Connection
from app.serving.front import Front
from app.serving.loop_worker import LoopServer, LoopWorker
from tools.servers import Server, wait_until


class Running(Server):
    """A server in this process; `url` is its address."""

    def __init__(self, url: str, server: LoopServer) -> None:
        super().__init__(url, cast("Popen[bytes]", None), Path())
        self.loop = server

    @property
    def connections(self) -> set[Connection]:
        """The connections that are open."""
        return cast("set[Connection]", self.loop.server_state.connections)


@contextmanager
def loop_server(app: Flask, keepalive: int = 75) -> Iterator[Running]:
    """Serve an application as a worker does, until the end of the block."""
    listener = socket.create_server(("127.0.0.1", 0))
    options: dict[str, Any] = {**LoopWorker.CONFIG_KWARGS, "log_config": None}
    server = LoopServer(Config(Front(app), timeout_keep_alive=keepalive, **options))

    def run() -> None:
        with asyncio.Runner(loop_factory=server.config.get_loop_factory()) as runner:
            runner.run(server.serve([listener]))

    thread = threading.Thread(target=run)
    host, port = listener.getsockname()
    thread.start()
    try:
        wait_until(lambda: server.started, "the loop serves")
        yield Running(f"http://{host}:{port}", server)
    finally:
        server.should_exit = server.force_exit = True
        thread.join()
