"""An image as `docker save` writes it, unpacked into a folder."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from tools.servers import program

WHITEOUT = ".wh."
"""What the name of a layer's file begins with that removes a file of the layers below."""


@dataclass(frozen=True)
class Image:
    """An unpacked image: how it is to be run, how it was made, and its files."""

    config: dict[str, Any]
    history: list[dict[str, Any]]
    root: Path


@contextmanager
def unpacked(archive: Path) -> Iterator[Image]:
    """Unpack an image's layers, one upon the other. Needs root, for the owners of files."""
    with tempfile.TemporaryDirectory(prefix="churn-image-") as folder:
        parts, root = Path(folder, "parts"), Path(folder, "root")
        parts.mkdir()
        root.mkdir()
        _tar("-xf", archive, "-C", parts)
        (manifest,) = json.loads((parts / "manifest.json").read_bytes())
        described = json.loads((parts / manifest["Config"]).read_bytes())
        for layer in manifest["Layers"]:
            for name in map(PurePosixPath, _tar("-tf", parts / layer).splitlines()):
                if name.name.startswith(WHITEOUT):
                    _remove(root / name.parent / name.name.removeprefix(WHITEOUT))
            options = ("-xpf", parts / layer, "--numeric-owner", f"--exclude={WHITEOUT}*")
            _tar(*options, "-C", root)
        shutil.rmtree(parts)
        # Whoever runs in it must get through the folders above.
        Path(folder).chmod(0o755)
        yield Image(described["config"], described["history"], root)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


def _tar(*args: str | Path) -> str:
    command = [program("tar"), *args]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
