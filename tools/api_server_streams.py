"""Commands in a pod and connections to it, as kubectl opens them.

A command's messages begin with the number of a channel (`v5.channel.k8s.io`). Connections are
frames of SPDY 3.1, two streams for each: one for errors, one for data.
"""

from __future__ import annotations

import json
import socket
import struct
import subprocess
import threading
import zlib
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from typing import IO

from tools.api_server_pods import Command
from tools.api_server_websocket import WebSocket

STDIN, STDOUT, STDERR, STATUS, CLOSE = 0, 1, 2, 3, 255
"""The channels of a command."""

SYN_STREAM, SYN_REPLY, PING = 1, 2, 6
"""The control frames of SPDY that matter here."""

FIN = 1
"""The flag of a stream's last frame."""


def execute(handler: BaseHTTPRequestHandler, command: Command, interactive: bool) -> None:
    """Run a command, with the client's standard input if it is interactive."""
    try:
        process = subprocess.Popen(
            command.words,
            cwd=command.folder,
            env=command.environ,
            stdin=subprocess.PIPE if interactive else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
    except OSError as error:
        process, said = None, str(error)
    client = WebSocket(handler, "v5.channel.k8s.io")
    feed = threading.Thread(target=_feed, args=(client, process))
    feed.start()
    if process is None:
        status = _failed("InternalError", f"error executing command in container: {said}")
    else:
        pumps = [
            threading.Thread(target=_pump, args=(client, channel, output))
            for channel, output in ((STDOUT, process.stdout), (STDERR, process.stderr))
        ]
        for pump in pumps:
            pump.start()
        for pump in pumps:
            pump.join()
        status = _ended(process.wait())
    client.send(bytes([STATUS]) + json.dumps(status).encode())
    client.close()
    feed.join()  # until the client has closed too


def _pump(client: WebSocket, channel: int, output: IO[bytes]) -> None:
    with output:
        while data := output.read1(65536):  # type: ignore[attr-defined]
            client.send(bytes([channel]) + data)


def _feed(client: WebSocket, process: subprocess.Popen[bytes] | None) -> None:
    """Hand on what the client sends, until it leaves; then the command ends."""
    given = process and process.stdin
    for message in client.messages():
        if given and not given.closed:
            with suppress(BrokenPipeError):  # the command reads no more
                if message[0] == STDIN:
                    given.write(message[1:])
                    given.flush()
                elif message[:2] == bytes([CLOSE, STDIN]):
                    given.close()
    if given:
        with suppress(BrokenPipeError):
            given.close()
    if process:
        process.kill()


def _ended(number: int) -> dict[str, object]:
    if number == 0:
        return {"metadata": {}, "status": "Success"}
    causes = [{"reason": "ExitCode", "message": str(number)}]
    made = _failed("NonZeroExitCode", f"command terminated with exit code {number}")
    return {**made, "details": {"causes": causes}}


def _failed(reason: str, message: str) -> dict[str, object]:
    return {"metadata": {}, "status": "Failure", "reason": reason, "message": message}


def forward(handler: BaseHTTPRequestHandler, port: int) -> None:
    """Lead each of the client's connections to a local port."""
    _Forward(WebSocket(handler, "SPDY/3.1+portforward.k8s.io"), port).run()


class _Forward:
    """The streams of one `kubectl port-forward`.

    A stream is a connection from its first data on. The streams for errors never get any.
    """

    def __init__(self, client: WebSocket, port: int) -> None:
        self.client, self.port = client, port
        self.headers = zlib.compressobj()
        self.open: dict[int, socket.socket] = {}

    def run(self) -> None:
        """Answer frames until the client leaves."""
        received = b""
        for message in self.client.messages():
            received += message
            while len(received) >= 8:
                first, rest = struct.unpack("!II", received[:8])
                end = 8 + (rest & 0xFFFFFF)
                if len(received) < end:
                    break
                body, received = received[8:end], received[end:]
                if first >> 31:
                    self._control(first & 0xFFFF, body)
                else:
                    self._data(first, rest >> 24, body)
        for connection in self.open.values():
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _control(self, kind: int, body: bytes) -> None:
        if kind == SYN_STREAM:
            none = self.headers.compress(struct.pack("!I", 0))
            self._reply(SYN_REPLY, body[:4] + none + self.headers.flush(zlib.Z_SYNC_FLUSH))
        elif kind == PING:
            self._reply(PING, body)

    def _reply(self, kind: int, body: bytes) -> None:
        self.client.send(struct.pack("!II", 0x80030000 | kind, len(body)) + body)

    def _data(self, stream: int, flags: int, body: bytes) -> None:
        if body and stream not in self.open:
            self.open[stream] = socket.create_connection(("127.0.0.1", self.port))
            threading.Thread(target=self._answers, args=(stream,)).start()
        connection = self.open.get(stream)
        with suppress(OSError):  # the service has closed it
            if connection and body:
                connection.sendall(body)
            if connection and flags & FIN:
                connection.shutdown(socket.SHUT_WR)
        if connection is None and flags & FIN:
            self.client.send(struct.pack("!II", stream, FIN << 24))

    def _answers(self, stream: int) -> None:
        with self.open[stream] as connection, suppress(OSError):
            while data := connection.recv(65536):
                self.client.send(struct.pack("!II", stream, len(data)) + data)
        self.client.send(struct.pack("!II", stream, FIN << 24))
