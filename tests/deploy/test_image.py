"""The Dockerfile without an engine: its commands run in a folder, and the result serves."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

from tools.ports import free_port
from tools.servers import ROOT, answers, program, running, tree, wait_for

HOME = "/srv/churn"


def steps() -> list[tuple[str, str]]:
    """The instructions, as (name, the rest), continued lines joined."""
    text = re.sub(r"^\s*#.*\n", "", (ROOT / "Dockerfile").read_text("utf-8"), flags=re.M)
    lines = text.replace("\\\n", " ").splitlines()
    return [(name, rest) for name, _, rest in (line.partition(" ") for line in lines) if name]


def context() -> list[str]:
    """The files in the build context: the tree without those in .dockerignore."""
    ignored = (ROOT / ".dockerignore").read_text("utf-8").split()
    return [
        name
        for name in tree()
        if not any(
            fnmatch(name, pattern) or fnmatch(name, f"{pattern}/*")
            for pattern in (entry.removeprefix("**/") for entry in ignored)
        )
    ]


@pytest.fixture(scope="module")
def image() -> Iterator[Path]:
    """The folder that the image would have as /srv/churn."""
    folder = Path(tempfile.mkdtemp(prefix="image-"))
    folder.chmod(0o755)
    environ = dict(os.environ)
    for name, rest in steps():
        if name == "ENV":
            environ |= dict(pair.split("=", 1) for pair in shlex.split(rest))
        elif name == "COPY" and not rest.startswith("--from"):
            *sources, _ = rest.split()
            for file in context():
                if "." in sources or file in sources:
                    (folder / file).parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy2(ROOT / file, folder / file)
        elif name == "RUN" and "useradd" not in rest:
            command = rest.replace(HOME, str(folder))
            command = re.sub(r"^python ", f"{sys.executable} ", command)
            done = subprocess.run(
                command,
                check=False,
                shell=True,
                cwd=folder,
                env=environ,
                capture_output=True,
                text=True,
            )
            assert done.returncode == 0, f"{rest}\n{done.stdout}\n{done.stderr}"
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def one(name: str) -> str:
    """The last instruction of this name."""
    return [rest for found, rest in steps() if found == name][-1]


def test_the_user_is_the_one_that_was_made_and_has_no_rights() -> None:
    """And the one to whom the guide gives the file of keys."""
    made = re.search(r"--uid (\d+)", " ".join(rest for name, rest in steps() if name == "RUN"))
    assert made
    assert one("USER") == made[1] != "0"
    guide = (ROOT / "guides" / "deployment.md").read_text("utf-8")
    assert re.findall(r"chown (\d+) instance/keys/", guide) == [made[1]]


def test_what_is_copied_exists() -> None:
    files = set(context())
    for name, rest in steps():
        if name == "COPY" and not rest.startswith("--from"):
            assert set(rest.split()[:-1]) - {"."} <= files


def test_the_tree_serves_and_reports_its_health(image: Path, tmp_path: Path) -> None:
    """It runs as an unprivileged user who can write only to the embedded database's folder."""
    if os.geteuid() != 0:
        pytest.skip("only root can start the service as another user")
    port = free_port()
    command = [str(port) if word == "8000" else word for word in json.loads(one("CMD"))]
    command[0] = str(image / ".venv" / "bin" / command[0])
    user = [program("setpriv"), "--reuid=10001", "--regid=10001", "--clear-groups"]
    # An interpreter under /root could not be read; writing is what must be impossible.
    user += ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]
    log = tmp_path / "log"
    environ = {"DATABASE_URL": "", "HOME": "/nowhere", "PYTHONPATH": ""}
    alive = f"http://127.0.0.1:{port}/health/live"
    with running([*user, *command], log, environ, image) as process:
        wait_for(process, log, lambda: answers(alive), "the image answers", 60)
        assert (image / "instance" / "churn.sqlite3").stat().st_uid == 10001
        check = one("HEALTHCHECK").partition("CMD ")[2].replace(":8000", f":{port}")
        words = json.loads(check)
        words[0] = str(image / ".venv" / "bin" / words[0])
        assert subprocess.run([*user, *words], check=False).returncode == 0
        down = [word.replace(f":{port}", f":{free_port()}") for word in words]
        done = subprocess.run([*user, *down], check=False, stderr=subprocess.DEVNULL)
        assert done.returncode != 0
    assert "Traceback" not in log.read_text()
