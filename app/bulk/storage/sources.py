"""Finds the files to score: paths, folders, patterns, and URLs."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from glob import glob, has_magic
from pathlib import Path
from urllib.parse import unquote

from app.bulk.storage.remote_files import is_url
from app.bulk.storage.remote_listing import identity, listing
from app.customers.files.file_format import FileError

STREAM = "-"
"""Standard input or output."""

REJECTS = ".rejects.csv"
"""How the files of bad rows end, which aren't scored."""

_KINDS = (".csv", ".parquet", ".jsonl")
_ENDS = (*_KINDS, ".tsv", ".txt", ".json", ".ndjson")


@dataclass(frozen=True)
class Source:
    """A file to score.

    Attributes:
        address: a path or a URL, or - for standard input.
        place: below the folder that was given, or below the pattern's fixed part; else its name.
        size: in bytes, or None if it is unknown.
    """

    address: str
    place: str
    size: int | None

    def identity(self) -> str:
        """Return a text that changes with the content.

        Raises:
            FileError, OSError: the file is gone.
        """
        if is_url(self.address):
            return identity(self.address)
        about = Path(self.address).stat()
        return f"{about.st_size} bytes, {about.st_mtime_ns} ns"

    def stem(self) -> str:
        """Return the place without the endings that say how a file is written."""
        bare = self.place.removesuffix(".gz")
        return next((bare.removesuffix(end) for end in _ENDS if bare.endswith(end)), bare)

    def kind(self) -> str:
        """Return what the file is by its name, of what a result can be: CSV unless Parquet."""
        return "parquet" if self.place.endswith(".parquet") else "csv"


def local_address(address: str) -> str:
    """Return the path of a file:// URL; another address as it is."""
    return unquote(address.removeprefix("file://")) if address.startswith("file://") else address


def is_one_file(address: str) -> bool:
    """Whether an address names one file, there or not: no folder and no pattern."""
    if is_url(address):
        return [*listing(address)] == [""]
    return not Path(address).is_dir() and not _is_pattern(address)


def sources(addresses: Sequence[str], outside: str) -> list[Source]:
    """Find the files to score in folders and their sub-folders, and by patterns.

    Left out are hidden files, those whose name begins with _, and files of bad rows, unless they
    are named themselves.

    Args:
        addresses: paths, patterns and URLs.
        outside: a folder whose files are left out: the results'.

    Raises:
        FileError: there is none, or something isn't a file.
        OSError: a folder cannot be read.
    """
    found = {file.address: file for each in addresses for file in _files(each, outside)}
    if not found:
        raise FileError(f"{', '.join(addresses)}: no files to score")
    return [*found.values()]


def _files(address: str, outside: str) -> Iterator[Source]:
    if is_url(address):
        yield from _remote(address, outside)
    elif address == STREAM:
        raise FileError("standard input: give it alone, with a file for --output")
    elif Path(address).is_dir():
        yield from _below(Path(address), outside)
    elif _is_pattern(address):
        yield from _matching(address, outside)
    else:
        yield _local(Path(address), Path(address).name)


def _remote(address: str, outside: str) -> Iterator[Source]:
    for place, (url, about) in sorted(listing(address).items()):
        if not place:
            yield Source(url, url.partition("::")[0].rpartition("/")[2], about.get("size"))
        elif all(map(_is_input, place.split("/"))) and not (
            is_url(outside) and url.startswith(outside + "/")
        ):
            yield Source(url, place, about.get("size"))


def _below(folder: Path, outside: str) -> Iterator[Source]:
    without = Path(os.path.realpath(outside))
    if folder.resolve() == without:
        raise FileError(f"--output: {outside} is the folder of the input: give another")

    def failed(error: OSError) -> None:
        raise error

    for at, folders, names in os.walk(folder, onerror=failed):
        folders[:] = sorted(
            name for name in folders if _is_input(name) and (Path(at) / name).resolve() != without
        )
        for name in sorted(filter(_is_input, names)):
            path = Path(at) / name
            yield _local(path, path.relative_to(folder).as_posix())


def _matching(pattern: str, outside: str) -> Iterator[Source]:
    without = Path(os.path.realpath(outside))
    parts = Path(pattern).parts
    fixed = next(at for at, part in enumerate(parts) if has_magic(part))
    root = Path(*parts[:fixed])
    for found in sorted(glob(pattern, recursive=True)):  # noqa: PTH207 - absolute ones, too
        place = Path(found).relative_to(root)
        if all(map(_is_input, place.parts)) and without not in Path(found).resolve().parents:
            if Path(found).is_dir():
                continue
            yield _local(Path(found), place.as_posix())


def _local(path: Path, place: str) -> Source:
    try:
        about = path.stat()
    except OSError as error:
        raise FileError(f"{path}: {error.strerror}") from None
    return Source(str(path), place, about.st_size if path.is_file() else None)


def _is_pattern(address: str) -> bool:
    return has_magic(address) and not Path(address).exists()


def _is_input(place: str) -> bool:
    name = place.rpartition("/")[2]
    return not name.startswith((".", "_")) and not name.endswith(REJECTS)
