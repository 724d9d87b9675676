"""Places where `churn score` reads or writes, with what is in the way."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.bulk.dirty_case import GOOD, lines

PLAIN = lines(*GOOD)
BAD = lines("c-1,12,One year,65.5", "c-2,1,Weekly,5")


@dataclass
class Place:
    """A place, the command that meets it, and what it must say.

    Attributes:
        inputs: what is scored; `c.csv` is made as a good file unless it is there.
        output: where to.
        status: the exit status.
        said: a part of the last line on standard error; of a good run, of its counts.
        options: more arguments.
        results: files that then are there, each with its number of rows.
    """

    inputs: tuple[str, ...] = ("c.csv",)
    output: str = "scored.csv"
    status: int = 2
    said: str = ""
    options: tuple[str, ...] = ()
    results: dict[str, int] = field(default_factory=dict)


COUNTED = "3 read, 3 scored, 0 rejected"


def no_file(_: Path) -> Place:
    return Place(("none.csv",), said="none.csv: No such file or directory")


def link_to_nothing(folder: Path) -> Place:
    (folder / "link.csv").symlink_to("none.csv")
    return Place(("link.csv",), said="link.csv: No such file or directory")


def links_in_a_circle(folder: Path) -> Place:
    (folder / "one.csv").symlink_to("other.csv")
    (folder / "other.csv").symlink_to("one.csv")
    return Place(("one.csv",), said="one.csv: Too many levels of symbolic links")


def unreadable_file(folder: Path) -> Place:
    (folder / "c.csv").write_text(PLAIN)
    (folder / "c.csv").chmod(0)
    return Place(said="c.csv: Permission denied")


def unreadable_folder(folder: Path) -> Place:
    (folder / "in").mkdir(0)
    return Place(("in",), "out", said="in: Permission denied")


def input_below_a_file(folder: Path) -> Place:
    (folder / "file").write_text("")
    return Place(("file/c.csv",), said="file/c.csv: Not a directory")


def empty_folder(folder: Path) -> Place:
    (folder / "in").mkdir()
    return Place(("in",), "out", said="in: no files to score")


def pattern_of_nothing(_: Path) -> Place:
    return Place(("*.nothing",), "out", said="*.nothing: no files to score")


def pipe(folder: Path) -> Place:
    os.mkfifo(folder / "pipe")
    writer = threading.Thread(target=(folder / "pipe").write_text, args=(PLAIN,), daemon=True)
    writer.start()
    return Place(("pipe",), status=0, said=COUNTED, results={"scored.csv": 3})


def no_folder(_: Path) -> Place:
    return Place(output="none/scored.csv", said="none/scored.csv: No such file or directory")


def output_below_a_file(folder: Path) -> Place:
    (folder / "file").write_text("")
    return Place(output="file/scored.csv", said="file/scored.csv: Not a directory")


def read_only_output(folder: Path) -> Place:
    (folder / "out").mkdir(0o555)
    return Place(output="out/scored.csv", said="out/scored.csv: Permission denied")


def read_only_rejects(folder: Path) -> Place:
    (folder / "in").mkdir()
    (folder / "in" / "c.csv").write_text(BAD)
    (folder / "in").chmod(0o555)
    return Place(("in/c.csv",), said="in/c.csv.rejects.csv: Permission denied")


def rejects_elsewhere(folder: Path) -> Place:
    (folder / "c.csv").write_text(BAD)
    options = ("--rejects", "bad.csv")
    results = {"scored.csv": 1, "bad.csv": 1}
    said = "2 read, 1 scored, 1 rejected (see bad.csv)"
    return Place(status=0, said=said, options=options, results=results)


def output_is_the_input(_: Path) -> Place:
    return Place(output="./c.csv", said="--output: ./c.csv is the input file")


def output_is_a_link_to_the_input(folder: Path) -> Place:
    (folder / "link.csv").symlink_to("c.csv")
    return Place(output="link.csv", said="--output: link.csv is the input file")


def rejects_are_the_input(_: Path) -> Place:
    return Place(options=("--rejects", "c.csv"), said="--rejects: c.csv is the input file")


def output_in_a_circle(folder: Path) -> Place:
    (folder / "loop").symlink_to("loop")
    return Place(output="loop/scored.csv", said="Too many levels of symbolic links")


def full_device(_: Path) -> Place:
    return Place(output="/dev/full", said="/dev/full: No space left on device")


def long_name(folder: Path) -> Place:
    name = f"{'c' * 246}.csv"
    (folder / name).write_text(BAD)
    return Place((name,), said=f"{name}.rejects.csv: File name too long")


def odd_names(folder: Path) -> Place:
    name = os.fsdecode(b"\xff \n\xf0\x9f\x90\x88.csv")
    (folder / name).write_text(BAD)
    return Place((name,), status=0, said="2 read, 1 scored, 1 rejected", results={"scored.csv": 1})


PLACES: list[Callable[[Path], Place]] = [
    *(no_file, link_to_nothing, links_in_a_circle, unreadable_file, unreadable_folder),
    *(input_below_a_file, empty_folder, pattern_of_nothing, pipe),
    *(no_folder, output_below_a_file, read_only_output, read_only_rejects, rejects_elsewhere),
    *(output_is_the_input, output_is_a_link_to_the_input, rejects_are_the_input),
    *(output_in_a_circle, full_device, long_name, odd_names),
]
