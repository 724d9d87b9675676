"""What runs in the pods of the stand-in: the service in its image's folder, and the real Redis."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path

from tools.api_server_kinds import Object, RefusedError

SERVICE = "churn-api"


@dataclass(frozen=True)
class Command:
    """A command of a container, ready to be started."""

    words: list[str]
    folder: Path
    environ: dict[str, str]


@dataclass(frozen=True)
class Pods:
    """The processes behind the pods.

    Args:
        root: the folder that stands for the image's, and its programs' in `.venv/bin`.
        environ: of the service.
        service_port: of the running service.
        logs: its log.
        redis: the port of the Redis behind the pod with that label.
    """

    root: Path
    environ: dict[str, str]
    service_port: int
    logs: Path
    redis: int

    def port(self, pod: Object) -> int:
        """Where connections to a pod lead, whatever port of the pod they name."""
        container_of(pod, SERVICE)
        return self.service_port

    def command(self, container: Object, words: list[str]) -> Command:
        """What `kubectl exec` starts in a container.

        Raises:
            RefusedError: nothing real stands for this container.
        """
        if container["name"] == SERVICE:
            path = str(self.root / ".venv" / "bin")  # with every program of the image
            own = [word.replace(":8000", f":{self.service_port}") for word in words]
            return Command(own, self.root, {**self.environ, "PATH": path})
        if container["name"] == "redis" and words[0] == "redis-cli":
            own = ["redis-cli", "-p", str(self.redis), *words[1:]]
            return Command(own, Path("/"), {"PATH": "/usr/bin:/bin"})
        message = f"{shlex.join(words)}: nothing stands for this container's programs"
        raise RefusedError(400, "BadRequest", message)

    def log(self, container: Object) -> str:
        """The log of a container.

        Raises:
            RefusedError: nothing real stands for this container.
        """
        if container["name"] != SERVICE:
            raise RefusedError(400, "BadRequest", "nothing stands for this container's log")
        return self.logs.read_text("utf-8", errors="replace")


def container_of(pod: Object, name: str) -> Object:
    """One container of a pod; with no name, its first.

    Raises:
        RefusedError: there is none with this name.
    """
    for container in pod["spec"]["containers"]:
        if name in ("", container["name"]):
            found: Object = container
            return found
    message = f"container {name} is not valid for pod {pod['metadata']['name']}"
    raise RefusedError(400, "BadRequest", message)
