"""A WebSocket on a connection of http.server, which has read the request already."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from typing import cast

from websockets.datastructures import Headers
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.server import ServerProtocol

SUBPROTOCOL = "Sec-WebSocket-Protocol"


class WebSocket:
    """One connection: messages of bytes in both directions."""

    def __init__(self, handler: BaseHTTPRequestHandler, subprotocol: str) -> None:
        self.connection: socket.socket = handler.connection
        self.protocol = ServerProtocol(max_size=None)
        self.lock = threading.Lock()
        headers = Headers(handler.headers.items())
        del headers[SUBPROTOCOL]  # SPDY's has a slash, which the library refuses
        lines = [handler.requestline, *(f"{k}: {v}" for k, v in headers.raw_items()), "", ""]
        self.protocol.receive_data("\r\n".join(lines).encode())
        (request,) = self.protocol.events_received()
        response = self.protocol.accept(cast(Request, request))
        response.headers[SUBPROTOCOL] = subprotocol
        self.protocol.send_response(response)
        self._flush()
        handler.close_connection = True

    def send(self, message: bytes) -> None:
        """Send one message; the client may have left."""
        with self.lock, suppress(OSError):
            self.protocol.send_binary(message)
            self._flush()

    def close(self) -> None:
        """Say that nothing follows, the client answers with the same."""
        with self.lock, suppress(OSError):
            self.protocol.send_close(1000)
            self._flush()

    def messages(self) -> Iterator[bytes]:
        """The client's messages, until it closes."""
        whole = b""
        while True:
            data = b""
            with suppress(ConnectionError):
                data = self.connection.recv(65536)
            if not data:
                return
            with self.lock, suppress(OSError):
                self.protocol.receive_data(data)
                frames = cast(list[Frame], self.protocol.events_received())
                self._flush()
            for frame in frames:
                if frame.opcode is Opcode.CLOSE:
                    return
                whole += frame.data
                if frame.fin and frame.opcode in (Opcode.BINARY, Opcode.CONT):
                    yield whole
                    whole = b""

    def _flush(self) -> None:
        for data in self.protocol.data_to_send():
            if data:
                self.connection.sendall(data)
