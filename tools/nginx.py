"""A real nginx in front of the service."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.ports import free_port
from tools.servers import ROOT, answers, program, running, wait_for

_CONFIGURATION = """
daemon off; master_process off; pid {folder}/nginx.pid; error_log stderr;
events {{ worker_connections 512; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {servers}
}}
"""


SEVERAL = ROOT / "deploy" / "nginx" / "churn.conf"
"""nginx's configuration before several instances of the service."""


def documented_location(path: str = "/") -> str:
    """The `location` for a path that the deployment guide shows.

    Raises:
        LookupError: the guide shows none.
    """
    guide = (ROOT / "guides/deployment.md").read_text()
    pattern = rf"```nginx\n(location {re.escape(path)} .*?)```"
    found = re.search(pattern, guide, re.DOTALL)
    if found is None:
        raise LookupError(f"guides/deployment.md has no nginx block for {path}")
    return found[1]


@contextmanager
def nginx(folder: Path, service: str, hosts: tuple[str, ...], chain: int) -> Iterator[list[int]]:
    """Proxies in a row, set up as the deployment guide says; the last one asks the service.

    Args:
        folder: for configuration, temporary files and log.
        service: its address, such as `http://127.0.0.1:8000`.
        hosts: where they listen, beside 127.0.0.1.
        chain: how many there are.

    Yields:
        The ports: the first one's requests pass all proxies, the last one's only itself.
    """
    ports = [free_port() for _ in range(chain)]
    behind = [*(f"http://127.0.0.1:{port}" for port in ports[1:]), service]
    servers = ""
    for port, target in zip(ports, behind, strict=True):
        location = documented_location().replace("http://127.0.0.1:8000", target)
        listen = " ".join(f"listen {host}:{port};" for host in ("127.0.0.1", *hosts))
        servers += f"server {{ {listen} {location} }}\n"
    with _serving(folder, servers, ports[0]):
        yield ports


@contextmanager
def nginx_below(folder: Path, service: str, *, strips: bool) -> Iterator[str]:
    """A proxy that serves the service below /churn/, as the deployment guide says.

    Args:
        folder: for configuration, temporary files and log.
        service: its address, such as `http://127.0.0.1:8000`.
        strips: whether the proxy takes the prefix off the path.

    Yields:
        The address of the service there, which ends with /churn.
    """
    port = free_port()
    target = f"{service}/" if strips else service
    location = documented_location("/churn/").replace("http://127.0.0.1:8000", target)
    with _serving(folder, f"server {{ listen 127.0.0.1:{port}; {location} }}\n", port):
        yield f"http://127.0.0.1:{port}/churn"


@contextmanager
def nginx_before(
    folder: Path, services: tuple[str, str], text: str = SEVERAL.read_text("utf-8")
) -> Iterator[str]:
    """A proxy before two instances, with the configuration that the deployment guide names.

    Args:
        folder: for configuration, temporary files and log.
        services: the instances' addresses, such as `http://127.0.0.1:8000`.
        text: the configuration.

    Yields:
        The proxy's address.
    """
    port = free_port()
    servers = text.replace("listen 80;", f"listen 127.0.0.1:{port};")
    for written, service in zip(("10.0.0.11:8000", "10.0.0.12:8000"), services, strict=True):
        servers = servers.replace(written, service.removeprefix("http://"))
    with _serving(folder, servers, port):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def nginx_mirror(folder: Path, mirror: Path, text: str) -> Iterator[str]:
    """A server of the handbook's mirror.

    Args:
        folder: for configuration, temporary files and log.
        mirror: the mirror's folder.
        text: the `server` of the manifest.

    Yields:
        Its address.
    """
    port = free_port()
    server = "include /etc/nginx/mime.types;\n"  # as the image's own configuration does
    server += text.replace("listen 8080;", f"listen 127.0.0.1:{port};")
    with _serving(folder, server.replace("/srv/mirror/handbook", str(mirror)), port):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def _serving(folder: Path, servers: str, port: int) -> Iterator[None]:
    binary = program("nginx", "/usr/sbin")
    file, log = folder / "nginx.conf", folder / "nginx.log"
    file.write_text(_CONFIGURATION.format(folder=folder, servers=servers))
    with running([binary, "-p", str(folder), "-c", str(file)], log) as process:
        wait_for(process, log, lambda: answers(f"http://127.0.0.1:{port}/"), "nginx answers")
        yield
