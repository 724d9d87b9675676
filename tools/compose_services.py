"""compose.yaml's services without a container engine, from its own commands, mounts and variables.

Debian's servers stand for those of the images. Each sees the machine's files under a root folder of
its own, with what compose mounts there; it has compose's user and no rights, and its root is
read-only where compose says so. All of them share a network of their own, in which the services'
names lead to one address. So no path, name or port is changed.
"""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

import yaml

from tools.databases import POSTGRESQL
from tools.servers import ROOT, program, running, unavailable, wait_for

ADDRESS = "172.30.0.2"
"""Of all services; the network is nobody else's."""

PROGRAMS = {"prom/prometheus": "prometheus", "prom/alertmanager": "prometheus-alertmanager"}
"""The programs that images start, where the command has only their arguments."""

USERS = {"prom/prometheus": "65534", "prom/alertmanager": "65534", "churn-api": "10001"}
"""The users of images, where compose names none."""

# As the image's own start does it.
START_POSTGRESQL = """
export PATH="$PATH:{programs}" PGDATA=/var/lib/postgresql/data
echo "$POSTGRES_PASSWORD" > /tmp/password
initdb --username="$POSTGRES_USER" --pwfile=/tmp/password --auth=trust >/dev/null
echo "host all all all scram-sha-256" >> "$PGDATA/pg_hba.conf"
pg_ctl --silent --wait start --options="-c listen_addresses=''"
createdb --username="$POSTGRES_USER" --no-password "$POSTGRES_DB" 2>/dev/null || true
pg_ctl --silent --wait stop
exec postgres -c "listen_addresses=*"
"""


@dataclass
class Composed:
    """The services of compose.yaml, to be started one by one.

    Args:
        folder: for volumes and logs; `instance` in it stands for the checkout's.
        variables: what compose.yaml refers to with `${...}`.
        network: the process that holds the network.
    """

    folder: Path
    variables: dict[str, str]
    network: int

    def __post_init__(self) -> None:
        self.made: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))

    @contextmanager
    def started(self, name: str, ready: Callable[[], bool]) -> Iterator[None]:
        """Run a service, and wait until it is ready."""
        log = self.folder / f"{name}.log"
        with running(self.command(name), log) as process:
            wait_for(process, log, ready, f"{name} is ready")
            yield

    def run(self, name: str, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end, instead of the service's own or its own."""
        command = self.command(name, *words)
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)

    def fetch(self, url: str, key: str = "") -> Any:
        """Get JSON from a service, by its name; None: it doesn't answer with 200."""
        command = [*self._within(), program("curl"), "-sf", "--max-time", "10"]
        for name in self.made["services"]:
            command += ["--connect-to", f"{name}::{ADDRESS}:"]
        if key:
            command += ["-H", f"Authorization: Bearer {key}"]
        done = subprocess.run([*command, url], capture_output=True, text=True, check=False)
        return json.loads(done.stdout) if done.returncode == 0 else None

    def command(self, name: str, *words: str) -> list[str]:
        """The command that runs a service, or other words in its place."""
        script = "\n".join(self._script(name, list(words)))
        unshare = [program("unshare"), "--mount", "--propagation", "private"]
        return [*self._within(), *unshare, "sh", "-euc", script]

    def _within(self) -> list[str]:
        return [program("nsenter"), f"--net=/proc/{self.network}/ns/net"]

    def _script(self, name: str, words: list[str]) -> Iterator[str]:
        service = self.made["services"][name]
        image = service["image"].partition(":")[0]
        user = service.get("user") or USERS[image]
        root = self.folder / "roots" / name
        root.mkdir(parents=True, exist_ok=True)
        yield f"cd {root}; mount -t tmpfs tmpfs {root}; mkdir {root}/upper {root}/work {root}/root"
        layers = f"lowerdir=/,upperdir={root}/upper,workdir={root}/work"
        yield f"mount -t overlay overlay -o {layers} {root}/root; cd {root}/root"
        names = " ".join(self.made["services"])
        yield f"rm -f etc/hosts; echo '127.0.0.1 localhost\n{ADDRESS} {names}' > etc/hosts"
        places = {Path(path).resolve() for path in (sys.base_prefix, sys.prefix, ROOT)}
        outer = [place for place in places if not places & set(place.parents)]
        for place in outer:  # in an image, its user can read the interpreter
            yield f"mkdir -p .{place}; chmod a+x {' '.join(f'.{p}' for p in place.parents)}"
        yield from (f"mount --bind {place} .{place}" for place in outer)
        yield "mount --rbind /proc proc; mount --rbind /dev dev"
        yield from self._mounts(service, user)
        if service.get("read_only"):
            yield "mount -o remount,ro,bind ."
        limits = ["--no-new-privs"] if "no-new-privileges:true" in service["security_opt"] else []
        if service["cap_drop"] == ["ALL"]:
            limits += ["--bounding-set=-all", "--inh-caps=-all"]
        become = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", *limits]
        variables = [f"{key}={self._filled(value)}" for key, value in self._environment(service)]
        own = words or self._words(image, service)
        start = ["env", "-i", f"--chdir={ROOT if 'build' in service else '/'}", *variables, *own]
        yield f"exec chroot . {shlex.join([*become, *start])}"

    def _environment(self, service: dict[str, Any]) -> Iterator[tuple[str, str]]:
        yield "PATH", f"{sys.prefix}/bin:/usr/local/bin:/usr/bin:/bin"
        yield "LANG", "C.UTF-8"  # as the images have it; without it PostgreSQL's text is ASCII
        if "build" in service:
            yield "PYTHONPATH", str(ROOT)
        yield from service.get("environment", {}).items()

    def _mounts(self, service: dict[str, Any], user: str) -> Iterator[str]:
        for place in service.get("tmpfs", []):
            yield f"mkdir -p .{place}; mount -t tmpfs -o mode=1777 tmpfs .{place}"
        for secret in service.get("secrets", []):
            yield from _bind(
                self._source(self.made["secrets"][secret]["file"]), f"run/secrets/{secret}"
            )
        for volume in service.get("volumes", []):
            source, target, *mode = volume.split(":")
            place = self._source(source)
            if not source.startswith("."):  # a volume; an image's user owns it
                yield f"mkdir -p {place}; chown {user}:{user} {place}"
            yield from _bind(place, target.lstrip("/"))
            if mode == ["ro"]:
                yield f"mount -o remount,ro,bind .{target}"

    def _source(self, name: str) -> Path:
        if name.startswith("./instance/"):
            return self.folder / name
        return ROOT / name if name.startswith(".") else self.folder / "volumes" / name

    def _filled(self, text: str) -> str:
        return re.sub(r"\$\{([A-Z_]+):\?[^}]*\}", lambda found: self.variables[found[1]], text)

    def _words(self, image: str, service: dict[str, Any]) -> list[str]:
        if image == "postgres":
            return ["sh", "-euc", START_POSTGRESQL.format(programs=POSTGRESQL)]
        if image == "redis":
            return [*service["command"], "--protected-mode", "no"]  # as the image is built
        if image in PROGRAMS:
            return [PROGRAMS[image], *service["command"]]
        default = re.findall(r"^CMD (\[.*\])$", (ROOT / "Dockerfile").read_text("utf-8"), re.M)
        found: list[str] = service.get("command") or json.loads(default[-1])
        return found


def _bind(source: Path, target: str) -> Iterator[str]:
    yield f"mkdir -p $(dirname {target})"
    yield f"if [ -d {source} ]; then mkdir -p {target}; else touch {target}; fi"
    yield f"mount --bind {source} {target}"


@contextmanager
def composed(folder: Path, **variables: str) -> Iterator[Composed]:
    """The services of compose.yaml, none of them started, in a network of their own.

    Raises:
        SkipTest, ServerError: this machine can't make one; as `unavailable` does.
    """
    for name in ("unshare", "nsenter", "setpriv", "ip"):
        program(name, "/usr/sbin", "/sbin")
    up = "ip link set lo up; ip link add eth0 type veth peer name eth1; ip link set eth0 up"
    script = f"{up}; ip link set eth1 up; ip address add {ADDRESS}/24 dev eth0; echo up; read end"
    command = [program("unshare"), "--net", "--mount", "sh", "-euc", script]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as holder:
        said = cast("IO[bytes]", holder.stdout).readline()
        if said != b"up\n":
            unavailable(f"no network namespace here: {said.decode()}")
        try:
            yield Composed(folder, variables, holder.pid)
        finally:
            holder.communicate(b"end\n")
