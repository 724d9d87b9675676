"""The service as the stand-in's pods run it: from a folder with the image's files and programs."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatch
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any

from tools.api_server_pods import Pods
from tools.databases import redis_server
from tools.ports import free_port
from tools.servers import ROOT, fetch, gunicorn, program, tree


@contextmanager
def pods(folder: Path, keys: Path) -> Iterator[Pods]:
    """Start the service in its image's folder, and a Redis beside it.

    Args:
        folder: where to make the image's.
        keys: the file of API keys.
    """
    root = folder / "srv" / "churn"
    left_out = [line.rstrip("/") for line in (ROOT / ".dockerignore").read_text().split("\n")]
    copy_tree(root, [line for line in left_out if line and not line.startswith("#")])
    programs = root / ".venv" / "bin"
    for path in image_programs():
        if not (programs / path.name).exists():
            (programs / path.name).symlink_to(path)
    port = free_port()
    program("redis-cli")
    environ = {
        "PYTHONPATH": str(root),
        "LANG": "C.UTF-8",
        "DATABASE_URL": f"sqlite:///{folder}/churn.sqlite3",
        "CACHE_URL": f"redis://127.0.0.1:{port}/0",
        "API_KEYS_FILE": str(keys),
    }
    own: Any = environ  # gunicorn's other arguments aren't texts
    with redis_server(folder, port), gunicorn(folder, cwd=root, **own) as server:
        for _ in range(3):
            fetch(f"{server.url}/models")  # so that the log has lines, and the checks figures
        number = int(server.url.rpartition(":")[2])
        yield Pods(root, environ, number, server.log, port)


def copy_tree(folder: Path, left_out: list[str]) -> None:
    """Copy the checkout's files, with programs that run them in `.venv/bin`."""
    for name in tree():
        places = (name, *map(str, Path(name).parents))
        if not any(fnmatch(place, pattern) for place in places for pattern in left_out):
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target)
            compiled = Path(cache_from_source(name))
            if (ROOT / compiled).is_file():  # so that the copy starts as fast as the checkout
                (folder / compiled).parent.mkdir(exist_ok=True)
                shutil.copy2(ROOT / compiled, folder / compiled)
    (folder / "instance").mkdir()
    programs = folder / ".venv" / "bin"
    programs.mkdir(parents=True)
    for name, command in (("python", ""), ("churn", " -m app.cli.main")):
        script = programs / name
        script.write_text(f'#!/bin/sh\nexec {sys.executable}{command} "$@"\n')
        script.chmod(0o755)


def image_programs() -> list[Path]:
    """The programs that the image has: those of every Debian, and what the Dockerfile installs."""
    listed = _said("dpkg-query", "-W", "-f=${Essential} ${Package}\n")
    packages = re.findall(r"^yes (\S+)$", listed, re.M)
    dockerfile = (ROOT / "Dockerfile").read_text("utf-8")
    installed = re.search(r"apt-get install .*--no-install-recommends (.+?) \\$", dockerfile, re.M)
    packages += installed[1].split() if installed else []
    listed = _said("dpkg", "-L", *packages)
    found = (Path(line) for line in listed.splitlines() if re.match(r"(?:/usr)?/s?bin/.", line))
    return [path for path in found if path.is_file()]


def _said(name: str, *words: str) -> str:
    command = [program(name), *words]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
