"""Hidden folders for what isn't complete yet.

They are beside the place where it will be, on the same disk. The process that writes there holds a
lock on its folder and removes it, whatever happens. A process that is killed can't; then the next
one that writes there does.

Some network file systems don't tell one machine of the locks of another. So the names say which
machine works there, and what another one left is removed only when nothing has changed in it for a
day.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import platform
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_START, _END = ".churn-", ".unfinished"

_HERE = _START + hashlib.sha256(platform.node().encode()).hexdigest()[:8]
"""How the names of this machine's folders begin."""

OLD_SECONDS = 24 * 3600
"""Without a change for so long, nobody works there any more."""


@contextmanager
def folder_made(folder: Path, mode: int = 0o777) -> Iterator[None]:
    """Make a folder and those above it; if something fails, remove those that were made.

    Raises:
        OSError: it cannot be made.
    """
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        folder.mkdir(mode, parents=True, exist_ok=True)
        yield
        for path in missing:
            sync(path.parent)
    except BaseException:
        for path in missing:
            with suppress(OSError):
                path.rmdir()
        raise


@contextmanager
def unfinished(folder: Path) -> Iterator[Path]:
    """Make a hidden folder in another, for what isn't complete yet, and remove it at the end.

    Only its owner can read it.

    Raises:
        OSError: it cannot be made.
    """
    sweep(folder)
    beside = folder / f"{_HERE}{secrets.token_hex(8)}{_END}"
    lock = None
    try:  # first, because the command may be ended at any time
        while lock is None:
            beside.mkdir(0o700)
            lock = _lock(beside, fcntl.LOCK_EX)
        yield beside
    finally:
        shutil.rmtree(beside, ignore_errors=True)
        if lock is not None:
            os.close(lock)


def sweep(folder: Path) -> None:
    """Remove what killed processes left: living ones hold a lock.

    For commands that find their work done, and write nothing.
    """
    for left in folder.glob(f"{_START}*{_END}"):
        with suppress(OSError):
            if not left.name.startswith(_HERE) and time.time() - _changed(left) < OLD_SECONDS:
                continue
            lock = _lock(left, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if lock is not None:
                shutil.rmtree(left, ignore_errors=True)
                os.close(lock)


def _changed(folder: Path) -> float:
    """Return when a folder or something in it last changed."""
    return max(path.stat().st_mtime for path in (folder, *folder.iterdir()))


def _lock(folder: Path, how: int) -> int | None:
    """Return a descriptor that locks a folder, or None if the folder is gone.

    A new one may be gone: another process can sweep it before it is locked.

    Raises:
        OSError: it cannot be locked.
    """
    try:
        lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(lock, how)
    except BaseException:
        os.close(lock)
        raise
    if folder.exists():
        return lock
    os.close(lock)
    return None


def sync(folder: Path) -> None:
    """Bring the names in a folder to the disk.

    Raises:
        OSError: they cannot be written.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def named_by(path: Path) -> Iterator[None]:
    """Name the chosen path in errors that name none, or one of an unfinished folder."""
    try:
        yield
    except OSError as error:
        if error.filename is None or _END in os.fsdecode(error.filename):
            error.filename, error.filename2 = str(path), None
        raise
