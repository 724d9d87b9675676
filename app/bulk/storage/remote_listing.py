"""Lists files behind URLs, with what tells whether they have changed."""

from __future__ import annotations

import hashlib
from glob import has_magic
from typing import Any

from app.bulk.storage.remote_files import file_system, remote_errors


def listing(url: str) -> dict[str, tuple[str, dict[str, Any]]]:
    """List the files of a folder or of a pattern, with what is known of each.

    Returns:
        By place below the folder, or below the pattern's fixed part: URL and details. A file alone
        has the place "".

    Raises:
        FileError: as `file_system` does.
        OSError: there is no such file, or it cannot be listed.
    """
    chain = url.partition("::")
    fs, path = file_system(url)
    with remote_errors(url):
        if has_magic(path):
            found = {p: about for p, about in fs.glob(path, detail=True).items() if _file(about)}
            root = path[: min(path.index(sign) for sign in "*?[" if sign in path)]
            root = root[: root.rfind("/") + 1]
        elif fs.isdir(path):
            found, root = fs.find(path, detail=True), path.rstrip("/") + "/"
        else:
            found, root = {path: fs.info(path)}, path
    return {
        p.removeprefix(root).lstrip("/"): (fs.unstrip_protocol(p) + chain[1] + chain[2], about)
        for p, about in found.items()
    }


def identity(url: str) -> str:
    """Return a digest of what is known of a file: size, time, checksum, as the store has them."""
    fs, path = file_system(url)
    with remote_errors(url):
        about = sorted((str(key), str(value)) for key, value in fs.info(path).items())
    return hashlib.sha256(str(about).encode()).hexdigest()


def _file(about: dict[str, Any]) -> bool:
    return about.get("type") == "file"
