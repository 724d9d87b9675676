"""A connection of the event loop: uvicorn's, with limits of time and size."""

from __future__ import annotations

import asyncio
from asyncio import TimerHandle
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from httptools import HttpParserError, HttpParserUpgrade
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from app.serving import connection_limits as limits
from app.serving.malformed_requests import MALFORMED, TOO_MANY, refusal
from app.serving.whole_answer import WholeAnswer
from app.serving.write_watch import WriteWatch

if TYPE_CHECKING:
    from uvicorn._types import ASGI3Application

BROKEN = "churn.broken"
"""Key in the scope of a request whose body broke off or is malformed."""

_KNOWN = {b"transfer-encoding": b"chunked", b"expect": b"100-continue"}


class Connection(HttpToolsProtocol):
    """uvicorn's connection, which waits without end and takes headers of any size."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._prefix = self.config.loaded_app.prefix
        self._in_head = self._in_body = self._refused = self._draining = False
        self._head_size = 0
        self._answering: RequestResponseCycle | None = None
        self._deadline: TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin; the time for the first request runs."""
        super().connection_made(transport)
        self._writing = WriteWatch(transport, self.loop)
        self._wait_for_request(self.timeout_keep_alive)
        if len(self.connections) > limits.MAX_CONNECTIONS:
            self._make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._set_deadline(None)
        self._unset_keepalive_if_required()
        self._writing.stop()
        if self._answering:
            self._answering.disconnected = True
        super().connection_lost(exc)

    def eof_received(self) -> bool:  # type: ignore[override]
        """Go on while a request is answered: its sender has only nothing more to say."""
        if self._in_body:
            self._give_up_body()
        if self.cycle is None or self.cycle.response_complete:
            return False
        self.cycle.keep_alive = False
        return True

    def data_received(self, data: bytes) -> None:
        """Parse what came, within the limits."""
        if self._refused:
            return
        self._unset_keepalive_if_required()
        try:
            self.parser.feed_data(data)
        except HttpParserUpgrade:  # to another protocol: we go on with this one, for one answer
            self.cycle.keep_alive = False
        except HttpParserError:
            self.send_400_response("")
        if self._in_head:
            self._head_size += len(data)
            if self._head_size > limits.MAX_HEAD and not self._refused:
                self.send_400_response("")
            elif self._deadline is None:
                self._set_deadline(limits.HEAD_SECONDS, self.transport.close)
        elif self._in_body and self._deadline is None:
            self._set_deadline(limits.BODY_SECONDS, self._give_up_body)

    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        self._in_head, self._head_size = True, 0

    def on_url(self, url: bytes) -> None:
        """Take a request line's address."""
        super().on_url(url)
        if len(self.url) > limits.MAX_LINE:
            raise ValueError("request line too long")

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; a coding or an expectation that we don't know is malformed."""
        super().on_header(name, value)
        if len(name) + len(value) > limits.MAX_HEADER or len(self.headers) > limits.MAX_HEADERS:
            raise ValueError("headers too large")
        if name[0] in b"eEtT" and _KNOWN.get(name.lower(), value.lower()) != value.lower():
            raise ValueError("unknown transfer coding or expectation")

    def on_headers_complete(self) -> None:
        """Start to answer; the rest of the body may follow."""
        super().on_headers_complete()
        self._in_head, self._in_body = False, True
        self._set_deadline(None)
        if self._draining:
            self.cycle.keep_alive = False

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        """Answer a request; uvicorn forgets it when the next one comes."""
        self._answering = cycle
        cycle.transport = WholeAnswer(cycle)  # type: ignore[assignment]
        super()._start_asgi_task(cycle, app)

    def on_message_complete(self) -> None:
        """The request is whole."""
        super().on_message_complete()
        self._in_body = False
        self._set_deadline(None)

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's signature
        """Refuse a malformed request, or let the request be answered whose body is malformed."""
        self._refused = True
        if self._in_body:
            self._give_up_body()
            return
        self._set_deadline(None)
        self.logger.warning("Invalid request from ip=%s", self.client[0] if self.client else "")
        self.transport.write(refusal("bad-request", MALFORMED, self._prefix))
        self._linger()

    def on_response_complete(self) -> None:
        """Wait for the next request, or until the client has read the answer."""
        self._answering.transport.finish()  # type: ignore[union-attr]
        super().on_response_complete()
        if self.transport.is_closing():
            self._writing.start()
        elif self._in_body and self.cycle.response_complete:
            self._linger()  # the rest of a body that nobody reads is no request

    def pause_writing(self) -> None:
        """Wait for a client that doesn't read, not without end."""
        super().pause_writing()
        self._writing.start()

    def shutdown(self) -> None:
        """End when the worker ends: after the answer, or after a last moment for a request."""
        self._draining = True
        if self.cycle is None or self.cycle.response_complete:
            self._wait_for_request(limits.DRAIN_SECONDS)
        else:
            self.cycle.keep_alive = False

    def timeout_keep_alive_handler(self) -> None:
        """Close an idle connection, even if its client never read the last answer."""
        self.transport.abort() if self.transport.get_write_buffer_size() else self.transport.close()

    @property
    def idle_until(self) -> float | None:
        """When the connection is closed unless a request comes; None while there is one."""
        return self.timeout_keep_alive_task.when() if self.timeout_keep_alive_task else None

    def _wait_for_request(self, seconds: float) -> None:
        self._unset_keepalive_if_required()
        ends = self.timeout_keep_alive_handler
        self.timeout_keep_alive_task = self.loop.call_later(seconds, ends)

    def _make_room(self) -> None:
        """Close the connection that has waited the longest for a request."""
        others: set[Any] = self.connections - {self}
        if waiting := [other for other in others if other.idle_until is not None]:
            min(waiting, key=lambda other: other.idle_until).transport.close()
        else:
            self._refused = True
            self.transport.write(refusal("overloaded", TOO_MANY, self._prefix))
            self.transport.close()

    def _linger(self) -> None:
        """End, and give the client time to read why."""
        self._refused = True
        self._unset_keepalive_if_required()
        self.transport.write_eof()
        self._set_deadline(limits.LINGER_SECONDS, self.transport.abort)

    def _give_up_body(self) -> None:
        """Hand on what there is of a body; the connection ends after the answer."""
        self._in_body = False
        self._set_deadline(None)
        self._refused = True
        self.scope[BROKEN] = True  # type: ignore[literal-required]
        self.cycle.keep_alive = False
        self.cycle.more_body = False
        self.cycle.message_event.set()

    def _set_deadline(self, seconds: float | None, then: Callable[[], Any] = lambda: None) -> None:
        if self._deadline:
            self._deadline.cancel()
        self._deadline = self.loop.call_later(seconds, then) if seconds else None
