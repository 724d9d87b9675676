"""Writes files and folders so that a reader sees the old or the new, never a half."""

from __future__ import annotations

import io
import os
import shutil
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, BinaryIO, TextIO

from app.writing.unfinished_folders import folder_made, named_by, sync, unfinished


@contextmanager
def atomic_write(path: Path, mode: int = 0o666, *, replace: bool = True) -> Iterator[TextIO]:
    """Open a file of text as `atomic_bytes` does: UTF-8, with line ends as written."""
    with atomic_bytes(path, mode, replace=replace) as file:
        text = io.TextIOWrapper(file, encoding="utf-8", newline="")
        yield text
        text.flush()
        text.detach()


@contextmanager
def atomic_bytes(path: Path, mode: int = 0o666, *, replace: bool = True) -> Iterator[BinaryIO]:
    """Open a file beside `path` that takes its place at the end, unless something fails.

    It gets the mode of the old file, and its owner and group as far as the system allows. If `path`
    is a link, its target is replaced.

    Args:
        path: of the file, which may not exist yet.
        mode: of a new file, before the umask.
        replace: whether an old file is replaced.

    Raises:
        FileExistsError: there is a file, which must not be replaced.
        OSError: the file cannot be written; names `path`.
    """
    place = Path(os.path.realpath(path))  # Path.resolve fails for links in a circle
    old = place.stat() if place.exists() else None
    with named_by(path), unfinished(place.parent) as folder:
        beside = folder / "file"
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if old else mode)
        with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor
            if old:  # before the first byte, so that nobody else can read it
                for owner in ((-1, old.st_gid), (old.st_uid, -1)):
                    with suppress(PermissionError):
                        os.fchown(descriptor, *owner)
                os.fchmod(descriptor, stat.S_IMODE(old.st_mode))
            yield file
            save(file)
        if replace:
            beside.replace(place)
        else:
            os.link(beside, place)
        sync(place.parent)


def save(file: IO[Any]) -> None:
    """Bring what was written to the disk, where it may not fit.

    Raises:
        OSError: it cannot be written.
    """
    file.flush()
    os.fsync(file.fileno())


def add_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Add files to a folder, which is made if there is none: all of them, or none.

    Args:
        folder: of the files.
        files: their content by name, in the order in which they appear.

    Raises:
        FileExistsError: there is a file of that name.
        OSError: a file cannot be written; names the folder.
    """
    with named_by(folder), folder_made(folder), unfinished(folder) as beside:
        _fill(beside, files)
        added: list[Path] = []
        try:
            for name in files:
                os.link(beside / name, folder / name)
                added.append(folder / name)
            sync(folder)
        except BaseException:
            for path in added:
                path.unlink()
            raise


def replace_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Replace a folder, or make it; its files appear at the same moment.

    An old folder is moved to `.NAME.replaced` and removed when the new one is in its place.

    Args:
        folder: which may not exist yet.
        files: its whole content by name, which may have sub-folders.

    Raises:
        OSError: a file cannot be written; names the folder.
    """
    with named_by(folder), folder_made(folder.parent), unfinished(folder.parent) as beside:
        fresh, old = beside / folder.name, folder.with_name(f".{folder.name}.replaced")
        fresh.mkdir()
        _fill(fresh, files)
        if folder.exists():
            shutil.rmtree(old, ignore_errors=True)
            folder.rename(old)
        try:
            fresh.rename(folder)
            sync(folder.parent)
        finally:
            if not folder.exists():
                with suppress(OSError):  # there was none
                    old.rename(folder)
            shutil.rmtree(old, ignore_errors=True)


def _fill(folder: Path, files: Mapping[str, bytes]) -> None:
    filled = {folder}
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        filled.add(path.parent)
    for each in filled:
        sync(each)
