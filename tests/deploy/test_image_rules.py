"""Each rule for images, and a fault that it finds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tools.image_archive import Image
from tools.image_rules import findings
from tools.servers import ROOT

NEEDED = ("runbooks/service-down.md", "sbom.json")
PRIVATE = ("mirror.internal.example",)


@pytest.fixture
def image(tmp_path: Path) -> Image:
    """A small one that keeps every rule."""
    for name in ("etc", "root", "srv/churn/instance", "srv/churn/runbooks", "usr/share"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "etc" / "passwd").write_text("root:x:0:0::/root:\nchurn:x:10001:10001::/:\n")
    for name in NEEDED:
        (tmp_path / "srv" / "churn" / name).write_text("here")
    config = {
        "User": "10001",
        "WorkingDir": "/srv/churn",
        "Cmd": ["churn", "serve"],
        "Entrypoint": None,
        "Env": ["PATH=/usr/bin"],
        "Healthcheck": {"Test": ["CMD", "true"]},
        "Labels": {
            "org.opencontainers.image.title": "churn",
            "org.opencontainers.image.licenses": "MIT",
            "org.opencontainers.image.base.name": "python:3.11-slim-bookworm",
            "org.opencontainers.image.base.digest": f"sha256:{'0' * 64}",
        },
    }
    return Image(config, [{"created_by": "RUN true"}], tmp_path)


def drop(name: str) -> Callable[[Image], object]:
    """A Dockerfile without this instruction."""
    return lambda image: image.config.pop(name)


def give(name: str, value: object) -> Callable[[Image], object]:
    return lambda image: image.config.update({name: value})


def write(name: str, text: str = "x") -> Callable[[Image], object]:
    def change(image: Image) -> None:
        path = image.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    return change


def remove(name: str) -> Callable[[Image], object]:
    return lambda image: (image.root / name).unlink()


def say(command: str) -> Callable[[Image], object]:
    return lambda image: image.history.append({"created_by": command})


KEY = f"-----BEGIN PRIVATE KEY-----\n{'A' * 64}\n"

FAULTS: dict[str, tuple[Callable[[Image], object], str]] = {
    "no USER": (drop("User"), "USER: give the number"),
    "root": (give("User", "0"), "USER: give the number"),
    "a name for USER": (give("User", "churn"), "USER: give the number"),
    "USER without an account": (give("User", "10002"), "USER: 10002 has no account"),
    "no HEALTHCHECK": (drop("Healthcheck"), "HEALTHCHECK: there is none"),
    "HEALTHCHECK NONE": (give("Healthcheck", {"Test": ["NONE"]}), "HEALTHCHECK: there is none"),
    "no CMD": (drop("Cmd"), "CMD: give the server's command"),
    "CMD as a line": (give("Cmd", ["/bin/sh", "-c", "churn serve"]), "CMD: give the server's"),
    "ENTRYPOINT": (give("Entrypoint", ["/bin/sh", "-c"]), "CMD: give the server's command"),
    "no LABEL": (drop("Labels"), "LABEL org.opencontainers.image.base.digest: give sha256:"),
    "COPY without runbooks": (remove("srv/churn/runbooks/service-down.md"), "is missing"),
    "COPY without the SBOM": (remove("srv/churn/sbom.json"), "sbom.json: is missing"),
    "history of git": (write("srv/churn/.git/config"), ".git: leave it out"),
    "tests": (write("srv/churn/tests/conftest.py"), "tests: leave it out"),
    "a cache of the tests": (write("srv/churn/.pytest_cache/README.md"), ".pytest_cache: leave"),
    "a database": (write("srv/churn/instance/churn.sqlite3"), "instance: it is to be empty"),
    "the builder's name": (write("etc/hostname", "builder"), "etc/hostname: it is to be empty"),
    "pip's cache": (write("root/.cache/pip/http/a"), "root/.cache: leave it out"),
    "Debian's packages": (write("var/cache/apt/archives/curl.deb"), "curl.deb: leave it out"),
    "a file of settings": (write("srv/churn/.env"), ".env: is named like a secret"),
    "pip's settings": (write("etc/pip.conf"), "etc/pip.conf: is named like a secret"),
    "a key": (write("srv/churn/notes.md", KEY), "notes.md: has a private key"),
    "the mirror's name": (
        write("usr/share/sources", "deb http://mirror.internal.example/debian"),
        "usr/share/sources: has mirror.internal.example",
    ),
    "the mirror's name in a command": (
        say("RUN curl http://mirror.internal.example"),
        "history: has mirror.internal.example",
    ),
    "a password": (give("Env", ["URL=redis://:secret@redis/0"]), "history: a URL with a password"),
}


def test_it_finds_nothing_in_a_good_image(image: Image) -> None:
    assert list(findings(image, NEEDED, PRIVATE)) == []


@pytest.mark.parametrize("fault", FAULTS)
def test_it_finds_each_fault(image: Image, fault: str) -> None:
    change, text = FAULTS[fault]
    change(image)
    found = list(findings(image, NEEDED, PRIVATE))
    assert found
    assert any(text in finding for finding in found), found


def test_what_git_ignores_stays_out_of_the_build() -> None:
    """A checkout has more than its repository; COPY would take all of it."""
    ignored, left_out = (
        {line.strip("/").removeprefix("**/") for line in (ROOT / name).read_text().split()}
        for name in (".gitignore", ".dockerignore")
    )
    assert ignored - left_out == set()
