"""A nameserver for one process, which may be slow, silent or gone.

Every name is the loopback's. The process sees an /etc/resolv.conf of its own, in a mount namespace;
that needs root.
"""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tools.servers import program, unavailable

SLOW_SECONDS = 0.3
"""After which a slow nameserver answers."""

ADDRESS = b"\0\x01"
"""The type of a question for an IPv4 address (RFC 1035, 3.2.2)."""


class Nameserver:
    """Answers on the loopback, over UDP; `nameserver` makes one.

    Args:
        folder: for the /etc/resolv.conf that names it.
        options: another line of it.
    """

    def __init__(self, folder: Path, options: str) -> None:
        self._state = "well"
        # Its own, so that several can run at the same time; all of 127.0.0.0/8 is the loopback.
        self._address = f"127.{1 + secrets.randbelow(254)}.{secrets.randbelow(256)}.53"
        self._file = folder / "resolv.conf"
        self._file.write_text(f"nameserver {self._address}\n{options}\n")
        self._socket: socket.socket | None = None

    @property
    def before(self) -> list[str]:
        """What to put before a command, so that it asks this nameserver."""
        script = 'mount --bind "$0" /etc/resolv.conf && exec "$@"'
        return [program("unshare"), "--mount", "sh", "-c", script, str(self._file)]

    def set(self, state: str) -> None:
        """Change the state: `well`, `slow`, `silent` (takes questions) or `gone` (refuses them)."""
        self._state = state
        if state == "gone":
            if self._socket:
                with suppress(OSError):  # it isn't connected, and wakes the thread all the same
                    self._socket.shutdown(socket.SHUT_RDWR)
                self._socket = None
        elif self._socket is None:
            self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self._socket.bind((self._address, 53))
            threading.Thread(target=self._serve, args=(self._socket,)).start()

    def _serve(self, taken: socket.socket) -> None:
        with taken:
            while True:
                question, caller = taken.recvfrom(512)
                if not question:
                    return
                if self._state == "slow":
                    time.sleep(SLOW_SECONDS)
                if self._state != "silent":
                    with suppress(OSError):
                        taken.sendto(_answer(question), caller)


def _answer(question: bytes) -> bytes:
    """Answer a question with 127.0.0.1, or with no record if it isn't for an IPv4 address."""
    end = question.index(b"\0", 12) + 5  # name, type, class
    wanted = question[end - 4 : end - 2] == ADDRESS
    # An answer without recursion denied; one question; one record or none.
    head = question[:2] + b"\x81\x80\0\x01" + (b"\0\x01" if wanted else b"\0\0") + bytes(4)
    # The name as a pointer to the question's, a lifetime of 0 seconds, four bytes.
    record = b"\xc0\x0c\0\x01\0\x01" + bytes(4) + b"\0\x04" + socket.inet_aton("127.0.0.1")
    return head + question[12:end] + (record if wanted else b"")


@contextmanager
def nameserver(folder: Path, options: str = "") -> Iterator[Nameserver]:
    """Run a nameserver.

    Args:
        folder: for its file.
        options: a line of resolv.conf; without one, the system's patience.

    Raises:
        SkipTest, ServerError: this machine allows neither port 53 nor the namespace.
    """
    server = Nameserver(folder, options)
    try:
        server.set("well")
        subprocess.run([*server.before, "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        server.set("gone")
        unavailable(f"no nameserver of its own for uid {os.geteuid()}: {error}")
    try:
        yield server
    finally:
        server.set("gone")
