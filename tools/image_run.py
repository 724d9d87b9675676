"""Run what an unpacked image holds, as a container engine would: read-only, as its own user."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tools.image_archive import Image
from tools.servers import PATIENCE_SECONDS, children, program, running, wait_for

MOUNT = """\
set -eu
root=$1 instance=$2 home=$3
shift 3
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=755 devices "$root/dev"
mkdir "$root/dev/shm"
for device in full null random urandom zero; do
    : > "$root/dev/$device"
    mount --bind "/dev/$device" "$root/dev/$device"
done
mount -t tmpfs -o mode=1777,size=64m shared "$root/dev/shm"
mount -t tmpfs -o mode=1777 temporary "$root/tmp"
mount --bind "$instance" "$root$home/instance"
mount -o remount,bind,ro "$root/dev"
mount -o remount,bind,ro "$root"
ip link set lo up
exec chroot "$root" "$@"
"""
"""Only /tmp, /dev/shm and the folder of the embedded database can be written to."""

NEW_NETWORK = 0x40000000
"""CLONE_NEWNET of Linux."""


@dataclass(frozen=True)
class Container:
    """A running image: its first process, as the host sees it, and its log."""

    image: Image
    pid: int
    process: subprocess.Popen[bytes]
    log: Path

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command inside, as `docker exec` does."""
        enter = [program("nsenter"), f"--target={self.pid}", "--mount", "--pid", "--net", "--root"]
        return _run([*enter, "--wd", *_as_its_user(self.image, words)])

    @contextmanager
    def network(self) -> Iterator[None]:
        """Let this thread connect to what listens inside."""
        there, here = Path(f"/proc/{self.pid}/ns/net"), Path("/proc/thread-self/ns/net")
        with there.open() as inside, here.open() as outside:
            _enter(inside.fileno())
            try:
                yield
            finally:
                _enter(outside.fileno())

    def stop(self) -> int:
        """Ask the first process to end, as `docker stop` does, and return its status."""
        os.kill(self.pid, signal.SIGTERM)
        return self.process.wait(PATIENCE_SECONDS)


def run_alone(image: Image, instance: Path, words: list[str]) -> subprocess.CompletedProcess[str]:
    """Run one command in a container of its own, as `docker run` does."""
    return _run(_isolated(image, instance, words))


@contextmanager
def started(image: Image, instance: Path, log: Path) -> Iterator[Container]:
    """Start the image's own command.

    Args:
        image: what to run.
        instance: the folder of the embedded database, as a volume; the image's user must own it.
        log: where its output goes.
    """
    command = image.config["Cmd"]
    with running(_isolated(image, instance, command), log) as process:

        def first() -> list[int]:
            """The command's own process, once mounting is done."""
            return [p for p in children(process.pid) if _root(p) == image.root]

        try:
            wait_for(process, log, lambda: bool(first()), "the image starts")
            yield Container(image, first()[0], process, log)
        finally:
            # unshare itself hears no signal that asks it to end while it waits for its child.
            for pid in children(process.pid) if process.poll() is None else ():
                os.kill(pid, signal.SIGKILL)


def health_command(image: Image) -> list[str]:
    """The image's health check as words."""
    words: list[str] = image.config["Healthcheck"]["Test"]
    return words[1:]


def user_of(image: Image) -> tuple[int, int]:
    """Numbers of the image's user and group, as an engine finds them."""
    user = image.config["User"]
    for line in (image.root / "etc" / "passwd").read_text().splitlines():
        fields = line.split(":")
        if fields[2] == user:
            return int(user), int(fields[3])
    return int(user), 0


def _isolated(image: Image, instance: Path, words: list[str]) -> list[str]:
    apart = ["--mount", "--pid", "--net", "--ipc", "--uts", "--fork", "--kill-child"]
    places = [str(image.root), str(instance), image.config["WorkingDir"]]
    mounted = [program("unshare"), *apart, "sh", "-c", MOUNT, "sh", *places]
    return [*mounted, *_as_its_user(image, words)]


def _as_its_user(image: Image, words: list[str] | tuple[str, ...]) -> list[str]:
    user, group = user_of(image)
    rights = [f"--reuid={user}", f"--regid={group}", "--clear-groups", "--no-new-privs"]
    rights += ["--bounding-set=-all", "--inh-caps=-all"]
    home = f"--chdir={image.config['WorkingDir']}"
    environ = image.config["Env"]
    return ["/usr/bin/setpriv", *rights, "/usr/bin/env", "-i", home, *environ, *words]


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False
    )


def _root(pid: int) -> Path:
    return Path(f"/proc/{pid}/root").readlink()


def _enter(namespace: int) -> None:
    if ctypes.CDLL(None, use_errno=True).setns(namespace, NEW_NETWORK):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
