"""The checkout in which a drill's service runs: a copy with tagged versions."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from app.releases.serving_pointer import Pointer, write
from tools.servers import ROOT, tree

BEFORE = "0.9.0"
SOUND = "1.0.0"
FAULTY = "1.1.0"
"""A version of the software in which every lookup of a stored customer fails."""

_IDENTITY = ["-c", "user.name=Service team", "-c", "user.email=service@example.org"]
_VIEW = "app/customers/routes.py"
_LINE = "    features = lookup(customer_id)\n"


def make_checkout(folder: Path) -> None:
    """Copy the repository, commit it as two sound versions, and a faulty one after them."""
    for name in tree():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, folder / name)
    (folder / ".venv").symlink_to(Path(sys.executable).parent.parent)
    write(folder / "model" / "releases", Pointer("1.2.0", "1.1.0"))
    git(folder, "init", "-q")
    _commit(folder, BEFORE)
    _commit(folder, SOUND)
    view = folder / _VIEW
    text = view.read_text("utf-8")
    if _LINE not in text:
        raise LookupError(f"{_VIEW} has no line to break")
    view.write_text(text.replace(_LINE, f'{_LINE}    features = features["stored"]\n'))
    _commit(folder, FAULTY)
    deploy(folder, SOUND)


def deploy(folder: Path, version: str) -> None:
    """Check a version out, whatever was changed."""
    git(folder, "checkout", "-q", "--force", "--detach", version)


def git(folder: Path, *words: str) -> str:
    """Run git there, and return what it prints."""
    command = ["git", *_IDENTITY, *words]
    done = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def _commit(folder: Path, version: str) -> None:
    git(folder, "add", "--all")
    git(folder, "commit", "--allow-empty", "-qm", f"Version {version}")
    git(folder, "tag", "-am", version, version)
