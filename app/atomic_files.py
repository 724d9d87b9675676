"""Files replaced whole: a reader sees the old one or the new one, and never half of either."""

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
    """A file beside `path` that takes its place at the end, unless something fails.

    It is UTF-8, with line ends as they are written. It gets the mode of the one that it replaces,
    and its owner and group as far as the system allows. Of a link, the file that it names is
    replaced.

    Args:
        path: the file, there or not.
        mode: of a file that was not there before, from which the umask takes.

    Raises:
        OSError: it cannot be written.
    """
    given, path = path, Path(os.path.realpath(path))  # Path.resolve fails of links in a circle
    old = path.stat() if path.exists() else None
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    try:  # from the start: whatever ends the command may come at any time
        descriptor = os.open(beside, flags, 0o600 if old else mode)
        with open(descriptor, "w", encoding="utf-8", newline="") as file:  # noqa: PTH123 - a descriptor
            if old:  # before the first byte, which is nobody else's to read
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
