"""What stands in for systemctl: it passes its arguments to the drill's supervisor.

Run as a script with the standard library alone, so that it starts in no time.
"""

from __future__ import annotations

import socket
import sys


def main() -> int:
    """Ask the supervisor at the socket that comes first; print what it says."""
    path, *words = sys.argv[1:]
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(path)
        client.sendall((" ".join(words) + "\n").encode())
        client.shutdown(socket.SHUT_WR)
        status, _, said = client.makefile(encoding="utf-8").read().partition("\n")
    if said:
        sys.stderr.write(f"{said}\n")
    return int(status)


if __name__ == "__main__":
    sys.exit(main())
