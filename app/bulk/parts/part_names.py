"""Names the results of the files that are scored into one folder."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

from app.bulk.storage.addresses import joined
from app.bulk.storage.remote_files import is_url
from app.bulk.storage.sources import REJECTS, Source
from app.customers.files.file_format import FileError

REJECTS_FOLDER = "_rejects"
"""Of the bad rows: what reads a folder of Parquet files leaves out names that begin so."""


@dataclass(frozen=True)
class Part:
    """A file to score, and where its result goes.

    Attributes:
        source: the file.
        identity: of its content, when the run began.
        name: of the result, below the folder.
        target: path or URL of the result.
        rejects: of its bad rows.
        kind: of the result.
    """

    source: Source
    identity: str
    name: str
    target: str
    rejects: str
    kind: str


def rejects_name(name: str) -> str:
    """Return the place of a part's bad rows, below the folder of results."""
    return f"{REJECTS_FOLDER}/{name}{REJECTS}"


def parts_of(folder: str, sources: Sequence[Source], kind: str) -> list[Part]:
    """Return a part for each file.

    Raises:
        FileError: two files would have one result, or a result would replace an input.
    """
    parts: dict[str, Part] = {}
    inputs = {os.path.realpath(each.address) for each in sources if not is_url(each.address)}
    for source in sources:
        own = kind or source.kind()
        name = f"{source.stem()}.{own}"
        target = joined(folder, name)
        if name in parts:
            other = parts[name].source.address
            raise FileError(
                f"{other} and {source.address} would both become {target}: give one of them "
                "another name"
            )
        if os.path.realpath(target) in inputs:
            raise FileError(f"{target} is a file of the input: give another folder for --output")
        rejects = joined(folder, rejects_name(name))
        parts[name] = Part(source, source.identity(), name, target, rejects, own)
    return list(parts.values())
