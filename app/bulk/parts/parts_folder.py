"""A folder of results, one for each file that is scored, which remembers what is finished.

Its manifest says what decided the results and from which input each part came. A run that was
interrupted goes on where it was; one that would give other rows is refused.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from app.bulk.parts.job import Job
from app.bulk.parts.part import PartResult
from app.bulk.parts.part_names import Part, parts_of, rejects_name
from app.bulk.storage.addresses import joined, read, remove, size_of, write
from app.bulk.storage.remote_files import is_url
from app.bulk.storage.sources import Source
from app.customers.files.file_format import FileError
from app.writing.unfinished_folders import folder_made, sweep

MANIFEST = "_churn-score.json"
"""Readers of a folder of Parquet files leave out names that begin so."""

FORMAT = 1


class PartsFolder:
    """What is finished in a folder, and what is left.

    Args:
        folder: path or URL.
        facts: what decides the results.
        finished: entries of the manifest, by name of the part.
        left: the parts to make.
    """

    def __init__(
        self, folder: str, facts: Mapping[str, str], finished: dict[str, Any], left: list[Part]
    ) -> None:
        self._folder = folder
        self._facts = facts
        self._entries = finished
        self.left = left

    @property
    def finished(self) -> dict[str, PartResult]:
        """What came of the finished parts, by their names."""
        return {name: PartResult(**entry["result"]) for name, entry in self._entries.items()}

    def record(self, part: Part, result: PartResult) -> None:
        """Remember that a part is finished.

        Raises:
            OSError: the manifest cannot be written.
        """
        self._entries[part.name] = {
            "input": part.source.address,
            "identity": part.identity,
            "sizes": [size_of(part.target), size_of(part.rejects)],
            "result": asdict(result),
        }
        entries = dict(sorted(self._entries.items()))
        manifest = {"format": FORMAT, "decided by": self._facts, "parts": entries}
        write(joined(self._folder, MANIFEST), (json.dumps(manifest, indent=1) + "\n").encode())


@contextmanager
def parts_folder(
    folder: str, job: Job, sources: Sequence[Source], kind: str = "", *, afresh: bool = False
) -> Iterator[PartsFolder]:
    """Open a folder of results, which nobody else may write meanwhile.

    Args:
        folder: path or URL; it is made if there is none.
        job: how files are scored.
        sources: the files.
        kind: of the results; empty for the input's own where a result can be of that kind.
        afresh: forget what is finished.

    Raises:
        FileError: the folder holds the results of another job or of other files, or two files
            would have one result.
        OSError: the folder cannot be written.
    """
    parts = parts_of(folder, sources, kind)
    with ExitStack() as opened:
        if not is_url(folder):
            opened.callback(_remove_empty, Path(folder), [Path(part.rejects) for part in parts])
            files = [Path(file) for part in parts for file in (part.target, part.rejects)]
            for place in sorted({Path(folder), *(file.parent for file in files)}):
                opened.enter_context(folder_made(place))
                sweep(place)
            opened.enter_context(_alone(folder))
        facts = job.facts() | {"--format": kind or "the input's"}
        entries = _forgotten(folder, parts) if afresh else _finished(folder, facts, parts)
        left = [part for part in parts if part.name not in entries]
        yield PartsFolder(folder, facts, entries, left)


def _remove_empty(folder: Path, files: Sequence[Path]) -> None:
    """Remove the folders of files that aren't there, up to a folder."""
    inside = {at for file in files for at in file.relative_to(folder).parents if at.name}
    for place in sorted(inside, reverse=True):
        with suppress(OSError):  # there are files
            (folder / place).rmdir()


@contextmanager
def _alone(folder: str) -> Iterator[None]:
    """Hold a lock on a folder.

    Raises:
        FileError: another run has it.
    """
    lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        raise FileError(f"{folder}: another run is writing there: wait for its end") from None
    try:
        yield
    finally:
        os.close(lock)


def _finished(folder: str, facts: Mapping[str, str], parts: list[Part]) -> dict[str, Any]:
    """Return the entries of the parts that needn't be made again.

    Raises:
        FileError: something changed that decides the results.
    """
    manifest = _manifest(folder)
    if not manifest:
        return {}
    before = manifest["decided by"]
    changed = [
        f"{name} was {before.get(name) or 'not given'}, now {fact or 'not given'}"
        for name, fact in facts.items()
        if before.get(name) != fact
    ]
    by_name = {part.name: part for part in parts}
    for name, entry in manifest["parts"].items():
        part = by_name.get(name)
        if part is None:
            changed.append(f"{entry['input']} was scored, and isn't among the input now")
        elif part.identity != entry["identity"]:
            changed.append(f"{part.source.address} was scored, and has changed since")
    if changed:
        more = f"; and {len(changed) - 3} more" if len(changed) > 3 else ""
        raise FileError(
            f"{folder} can't be completed: {'; '.join(changed[:3])}{more}: give another folder, "
            "or --afresh to score all again"
        )
    return {
        name: entry
        for name, entry in manifest["parts"].items()
        if entry["sizes"] == [size_of(by_name[name].target), size_of(by_name[name].rejects)]
    }


def _forgotten(folder: str, parts: list[Part]) -> dict[str, Any]:
    """Remove results that won't be made again, and the manifest; return that nothing is done."""
    manifest, names = _manifest(folder), {part.name for part in parts}
    for name in manifest["parts"] if manifest else ():
        if name not in names:
            remove(joined(folder, name))
            remove(joined(folder, rejects_name(name)))
    remove(joined(folder, MANIFEST))
    return {}


def _manifest(folder: str) -> Any:
    """Return the manifest, or None if there is none.

    Raises:
        FileError: it is none of ours.
    """
    address = joined(folder, MANIFEST)
    content = read(address)
    if content is None:
        return None
    try:
        manifest = json.loads(content)
        if manifest["format"] == FORMAT:
            return manifest
    except (ValueError, KeyError, TypeError):
        pass
    raise FileError(f"{address}: can't be read: remove it to score all again")
