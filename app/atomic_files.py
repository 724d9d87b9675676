"""Replaces files atomically: a reader sees the old file or the new one."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO


@contextmanager
def atomic_write(path: Path, mode: int = 0o666) -> Iterator[TextIO]:
    """Open a file beside `path` that replaces it at the end, unless something fails.

    It is UTF-8, with line ends as written. It gets the mode of the old file, and its owner and
    group as far as the system allows. If `path` is a link, its target is replaced.

    Args:
        path: of the file, which may not exist yet.
        mode: of a new file, before the umask.

    Raises:
        OSError: the file cannot be written.
    """
    given, path = path, Path(os.path.realpath(path))  # Path.resolve fails for links in a circle
    old = path.stat() if path.exists() else None
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    try:  # first, because the command may be ended at any time
        descriptor = os.open(beside, flags, 0o600 if old else mode)
        with open(descriptor, "w", encoding="utf-8", newline="") as file:  # noqa: PTH123 - a descriptor
            if old:  # before the first byte, so that nobody else can read it
                for owner in ((-1, old.st_gid), (old.st_uid, -1)):
                    with suppress(PermissionError):
                        os.fchown(descriptor, *owner)
                os.fchmod(descriptor, stat.S_IMODE(old.st_mode))
            yield file
            file.flush()
            os.fsync(descriptor)
        beside.replace(path)
    except BaseException as error:
        beside.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.filename == str(beside):
            error.filename = str(given)
        raise
