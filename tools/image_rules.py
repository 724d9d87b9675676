"""What an image must be like: findings, one a line."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Collection, Iterator
from pathlib import Path

from tools.image_archive import Image

LABELS = {
    "org.opencontainers.image.title": r".+",
    "org.opencontainers.image.licenses": r".+",
    "org.opencontainers.image.base.name": r".+",
    "org.opencontainers.image.base.digest": r"sha256:[0-9a-f]{64}",
}

DEVELOPMENT = {".ci", ".git", ".hypothesis", ".mypy_cache", ".pytest_cache", ".ruff_cache"}
DEVELOPMENT |= {"benchmarks", "build", "dist", "soak", "stubs", "tests", "tools"}
"""Folders of a checkout that have no place in the image."""

SECRET_NAME = re.compile(r"\.(env|netrc|pem|key|sqlite3)$|^(id_[a-z0-9]+|pip\.conf|keys\.yaml)$")

SECRET_TEXT = re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/=]{32}")

PASSWORD = re.compile(r"://[^/\s:@]*:[^/\s@$]+@")
"""A URL that holds one."""

SYSTEM = ("usr", "var/lib/dpkg")
"""Debian's own packages, whose examples may be named like secrets."""

EMPTY = ("etc/hostname", "etc/hosts", "etc/resolv.conf")
"""What the engine fills in at run time; text here is of the machine that built it."""

CACHES = ["root/.cache", "var/cache/apt/archives/*.deb", "var/cache/apt/*.bin"]
CACHES += ["var/lib/apt/lists/*Packages*", "tmp/*", "var/tmp/*"]


def findings(image: Image, needed: Collection[str], private: Collection[str]) -> Iterator[str]:
    """List what is wrong with an image.

    Args:
        image: as `docker save` describes it, unpacked.
        needed: the files that it must have, relative to its working folder.
        private: words of the machine that built it: none may be in the image.
    """
    yield from _how_it_runs(image)
    home = image.root / image.config.get("WorkingDir", "").lstrip("/")
    yield from (f"{name}: is missing" for name in needed if not (home / name).is_file())
    yield from (f"{name}: leave it out" for name in sorted(DEVELOPMENT) if (home / name).exists())
    if any((home / "instance").glob("*")):
        yield "instance: it is to be empty"
    for name in EMPTY:
        file = image.root / name
        if file.is_file() and file.stat().st_size:
            yield f"{name}: it is to be empty"
    for pattern in CACHES:
        yield from (f"{p.relative_to(image.root)}: leave it out" for p in image.root.glob(pattern))
    yield from _secrets(image, private)


def _how_it_runs(image: Image) -> Iterator[str]:
    config = image.config
    accounts = (image.root / "etc" / "passwd").read_text()
    user = config.get("User", "")
    if not user.isdecimal() or user == "0":
        yield "USER: give the number of one without rights"
    elif f":{user}:" not in accounts:
        yield f"USER: {user} has no account"
    if not (config.get("Healthcheck") or {}).get("Test", ["NONE"])[0].startswith("CMD"):
        yield "HEALTHCHECK: there is none"
    if not config.get("Cmd") or config["Cmd"][0] in ("/bin/sh", "sh") or config.get("Entrypoint"):
        yield "CMD: give the server's command as a list, so that it gets the signals"
    labels = config.get("Labels") or {}
    for name, pattern in LABELS.items():
        if not re.fullmatch(pattern, labels.get(name, "")):
            yield f"LABEL {name}: give {pattern}"


def _secrets(image: Image, private: Collection[str]) -> Iterator[str]:
    told = json.dumps([image.config, image.history])
    if PASSWORD.search(told):
        yield "history: a URL with a password"
    yield from (f"history: has {word}" for word in private if word in told)
    words = [word.encode() for word in private]
    for path in _files(image.root):
        name = path.relative_to(image.root).as_posix()
        text = path.read_bytes()
        yield from (f"{name}: has {word.decode()}" for word in words if word in text)
        if name.startswith(SYSTEM) or "/site-packages/" in name:
            continue
        if SECRET_NAME.search(path.name) and not name.startswith("etc/ssl/certs/"):
            yield f"{name}: is named like a secret"
        if SECRET_TEXT.search(text):
            yield f"{name}: has a private key"


def _files(root: Path) -> Iterator[Path]:
    """Every regular file, not through links."""
    for folder, _, names in os.walk(root):
        for path in (Path(folder, name) for name in names):
            if path.is_file() and not path.is_symlink():
                yield path
