"""Folders that `churn score` reads or writes, with what is in the way."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.bulk.dirty_places import BAD, COUNTED, PLAIN, Place


def good_and_bad_files(folder: Path) -> Place:
    """The bad ones are named, the others are scored."""
    inside = folder / "in"
    (inside / "march").mkdir(parents=True)
    (inside / "a.csv").write_text(PLAIN)
    (inside / "march" / "a.csv").write_bytes(b"")
    (inside / "c.parquet").write_bytes(b"PAR1")
    (inside / "d.csv").write_text(PLAIN)
    (inside / "d.csv").chmod(0)
    (inside / "e.csv").write_text(BAD)
    (inside / ".hidden.csv").write_bytes(b"")
    (inside / "_SUCCESS").write_bytes(b"")
    said = "5 read, 4 scored, 1 rejected"
    return Place(("in",), "out", said=said, results={"out/a.csv": 3, "out/e.csv": 1})


def folder_in_a_folder(folder: Path) -> Place:
    (folder / "in" / "deep er").mkdir(parents=True)
    (folder / "in" / "deep er" / "a.csv").write_text(PLAIN)
    return Place(("in",), "out", 0, COUNTED, results={"out/deep er/a.csv": 3})


def output_folder_is_a_file(folder: Path) -> Place:
    (folder / "in").mkdir()
    (folder / "in" / "a.csv").write_text(PLAIN)
    (folder / "out").write_text("kept")
    return Place(("in",), "out", said="out: ")


def output_folder_in_a_read_only_one(folder: Path) -> Place:
    (folder / "in").mkdir()
    (folder / "in" / "a.csv").write_text(PLAIN)
    (folder / "safe").mkdir(0o555)
    return Place(("in",), "safe/out", said="safe/out: Permission denied")


def output_folder_is_the_input(folder: Path) -> Place:
    (folder / "in").mkdir()
    (folder / "in" / "a.csv").write_text(PLAIN)
    return Place(("in",), "./in", said="./in is the folder of the input")


def output_folder_below_the_input(folder: Path) -> Place:
    (folder / "in").mkdir()
    (folder / "in" / "a.csv").write_text(PLAIN)
    return Place(("in",), "in/out", 0, COUNTED, results={"in/out/a.csv": 3})


def one_name_twice(folder: Path) -> Place:
    (folder / "in").mkdir()
    for name in ("a.csv", "a.csv.gz"):
        (folder / "in" / name).write_text(PLAIN)
    return Place(("in",), "out", said="would both become out/a.csv")


FOLDERS: list[Callable[[Path], Place]] = [
    *(good_and_bad_files, folder_in_a_folder, output_folder_is_a_file),
    *(output_folder_in_a_read_only_one, output_folder_is_the_input),
    *(output_folder_below_the_input, one_name_twice),
]
