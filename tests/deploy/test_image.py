"""The image, built without an engine and started as compose does: read-only, without rights."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from tests.contract_walk import API, PAGES, Deployment
from tools.image_archive import Image, unpacked
from tools.image_rules import findings
from tools.image_run import Container, health_command, run_alone, started, user_of
from tools.servers import ROOT, Server, program, ready, tree, unavailable, wait_for

ADDRESS = "http://127.0.0.1:8000"
"""Where the image's own command listens, in a network of its own."""

SERVED = (
    *("adrs/", "app/", "deploy/", "drills/results.json", "guides/", "incidents/", "model/"),
    *("owners.yaml", "runbooks/", "sbom.json", "wsgi.py"),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `make image` has made, or else is made for this run."""
    if os.geteuid() != 0:
        unavailable("only root can build and start an image here")
    for name in ("buildah", "mmdebstrap", "ip"):
        program(name)
    apart = [program("unshare"), "--mount", "--pid", "--net", "--fork", "true"]
    if subprocess.run(apart, check=False).returncode:
        unavailable("this machine lets nobody make namespaces")
    if "IMAGE" in os.environ:
        return Path(os.environ["IMAGE"])
    made = tmp_path_factory.mktemp("image")
    command = [sys.executable, "-m", "scripts.image", str(made)]
    done = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return made


@pytest.fixture(scope="module")
def image(folder: Path) -> Iterator[Image]:
    with unpacked(folder / "churn.tar") as found:
        yield found


def volume(image: Image, folder: Path) -> Path:
    """A folder for the embedded database, as an engine makes it: with the owner that it has."""
    folder.mkdir()
    found = (image.root / "srv" / "churn" / "instance").stat()
    os.chown(folder, found.st_uid, found.st_gid)
    return folder


@pytest.fixture(scope="module")
def container(image: Image, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Container]:
    place = tmp_path_factory.mktemp("container")
    with started(image, volume(image, place / "instance"), place / "log") as running:
        with running.network():
            wait_for(
                running.process,
                running.log,
                lambda: ready(f"{ADDRESS}/health/ready"),
                "the image is ready",
            )
        yield running


@pytest.fixture
def deployment(container: Container) -> Iterator[Deployment]:
    with container.network():
        yield Deployment(Server(ADDRESS, container.process, container.log), {})


def private_words(image: Image) -> list[str]:
    """What this machine alone knows: where its modules are, where its packages come from."""
    pip = [sys.executable, "-m", "pip", "config", "list"]
    listed = subprocess.run(pip, check=True, capture_output=True, text=True).stdout
    indexes = re.findall(r"(?:file|https?)://[^\s']+", listed)
    modules = [f"{ROOT}/app/"] if image.config["WorkingDir"] != str(ROOT) else []
    return [*modules, *(found for found in indexes if "//pypi.org/" not in found)]


def test_it_keeps_the_rules(image: Image) -> None:
    needed = [name for name in tree() if name.startswith(SERVED)]
    assert list(findings(image, needed, private_words(image))) == []


def test_its_user_is_the_one_to_whom_the_guide_gives_the_keys(image: Image) -> None:
    guide = (ROOT / "guides" / "deployment.md").read_text("utf-8")
    assert re.findall(r"chown (\d+) instance/keys/", guide) == [image.config["User"]]


def test_the_record_says_what_was_built_on_what(folder: Path, image: Image) -> None:
    record = json.loads((folder / "image.json").read_text())
    labels = image.config["Labels"]
    assert record["base"] == {
        "name": labels["org.opencontainers.image.base.name"],
        "digest": labels["org.opencontainers.image.base.digest"],
    }
    assert record["archive"]["bytes"] == (folder / "churn.tar").stat().st_size


def test_it_holds_the_packages_of_its_sbom_and_no_other(image: Image) -> None:
    """But for the service itself, and pip, which comes with Python."""
    home = image.root / "srv" / "churn"
    (packages,) = home.glob(".venv/lib/python3.*/site-packages")
    held = {
        canonicalize_name(found.name): found.version
        for found in distributions(path=[str(packages)])
        if found.name not in ("churn", "pip")
    }
    listed = json.loads((home / "sbom.json").read_text())["components"]
    assert held == {component["name"]: component["version"] for component in listed}


@pytest.mark.parametrize("name", API)
def test_the_api(deployment: Deployment, name: str) -> None:
    """As in the contract."""
    method, path, body, status, right = API[name]
    answer = deployment.call(method, path, body)
    assert answer.status == status, answer.content
    assert right(answer.json()), answer.json()


@pytest.mark.parametrize("path", [*PAGES, "/metrics"])
def test_pages(deployment: Deployment, path: str) -> None:
    assert deployment.call("GET", path, Accept="text/html").status == 200


def test_an_unknown_address_is_a_problem(deployment: Deployment) -> None:
    answer = deployment.call("GET", "/nothing")
    assert (answer.status, answer.kind) == (404, "application/problem+json")


@pytest.mark.parametrize(
    "words", [("diagnose",), ("handbook", "check"), ("model", "list")], ids=" ".join
)
def test_commands_work_inside(container: Container, words: tuple[str, ...]) -> None:
    done = container.run("churn", *words)
    assert done.returncode == 0, done.stdout + done.stderr


def test_it_has_no_rights(container: Container) -> None:
    status = container.run("cat", "/proc/self/status").stdout
    user, group = user_of(container.image)
    assert f"Uid:\t{user}\t" in status
    assert f"Gid:\t{group}\t" in status
    assert re.findall(r"Cap(?:Inh|Prm|Eff|Bnd|Amb):\t(\w+)", status) == ["0" * 16] * 5
    assert "NoNewPrivs:\t1" in status


@pytest.mark.parametrize("place", [".", "app", "/", "/etc", "/var", "/usr/bin", "/run"])
def test_it_can_not_write(container: Container, place: str) -> None:
    done = container.run("touch", f"{place}/new")
    assert done.returncode == 1
    assert "Read-only file system" in done.stderr


@pytest.mark.parametrize("place", ["instance", "/tmp", "/dev/shm"])
def test_it_can_write_where_it_must(container: Container, place: str) -> None:
    assert container.run("touch", f"{place}/new").returncode == 0
    assert container.run("rm", f"{place}/new").returncode == 0


def test_health_check_and_stop(image: Image, tmp_path: Path) -> None:
    """Healthy while it serves, unhealthy else; it ends when asked, and complains of nothing."""
    instance = volume(image, tmp_path / "instance")
    check = health_command(image)
    assert run_alone(image, instance, check).returncode != 0
    with started(image, instance, tmp_path / "log") as running:
        wait_for(
            running.process,
            running.log,
            lambda: running.run(*check).returncode == 0,
            "the image is healthy",
        )
        assert running.run("ls", "/tmp").stdout == ""
        assert running.stop() == 0
    log = running.log.read_text()
    assert "Traceback" not in log
    assert "Read-only file system" not in log
    assert "Shutting down: Master" in log
    assert {path.name.partition("-")[0] for path in instance.iterdir()} == {"churn.sqlite3"}
