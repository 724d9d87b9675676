"""What a worker must have in common with the command, so that both score alike."""

from __future__ import annotations

import hashlib
import platform
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import TypeAlias

Versions: TypeAlias = tuple[tuple[str, str], ...]
"""Names and versions."""

PACKAGES = ("dask", "distributed", "numpy", "pyarrow")

CODE = "code"


@lru_cache(maxsize=1)
def versions() -> Versions:
    """Return the versions here: of Python, of the packages, and a digest of our own code."""
    python = ".".join(platform.python_version_tuple()[:2])
    return ("Python", python), (CODE, _code()), *((name, version(name)) for name in PACKAGES)


def difference(theirs: Versions, ours: Versions) -> str:
    """Say how a worker differs from the command, or nothing."""
    for (name, found), (_, wanted) in zip(theirs, ours, strict=True):
        if found != wanted:
            if name == CODE:
                return "it has another version of churn's code than this command"
            return f"it has {name} {found}, and this command {wanted}"
    return ""


def _code() -> str:
    """Digest our modules: `churn` has the same version from commit to commit."""
    digest = hashlib.sha256()
    for package in ("app", "model"):
        root = Path(__file__).parents[3] / package
        for path in sorted(root.rglob("*.py")):
            digest.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
