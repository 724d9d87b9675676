"""A nameserver that takes questions and never answers."""

from __future__ import annotations

import os
import random
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.servers import program, unavailable

SCRIPT = 'mount --bind "$0" /etc/resolv.conf && exec "$@"'

RESOLVER = "options timeout:30 attempts:5"
"""The resolver's longest patience, 150 seconds: more than a test has for anything."""


@contextmanager
def silent_nameserver(folder: Path) -> Iterator[list[str]]:
    """Run the nameserver, and yield what to put before a command that is to ask no other.

    The command sees another /etc/resolv.conf, in a mount namespace of its own.

    Raises:
        SkipTest, ServerError: this machine allows neither port 53 nor the namespace.
    """
    address = f"127.{random.randint(1, 254)}.{random.randint(0, 255)}.53"
    file = folder / "resolv.conf"
    file.write_text(f"nameserver {address}\n{RESOLVER}\n")
    before = [program("unshare"), "--mount", "sh", "-c", SCRIPT, str(file)]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        try:
            server.bind((address, 53))
            subprocess.run([*before, "true"], check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError) as error:
            unavailable(f"no nameserver of its own for uid {os.geteuid()}: {error}")
        yield before
