"""Wherever `churn score` reads and writes: it is done, or one line says what is in the way."""

from __future__ import annotations

import csv
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.bulk.command_runs import Done, run_all
from tests.bulk.dirty_case import GOOD, lines

PLAIN = lines(*GOOD)
BAD = lines("c-1,12,One year,65.5", "c-2,1,Weekly,5")


@dataclass
class Place:
    """A place, the command that meets it, and what it must say.

    Attributes:
        inputs: arguments; the first is made as a good file unless it exists.
        output: where to.
        status: the exit status.
        said: a part of the last line on standard error; of a good run, of its counts.
        options: more arguments.
        result: a file that then is there, with this number of customers.
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


def good_and_bad_files(folder: Path) -> Place:
    """The bad ones are named, the others are scored."""
    inside = folder / "in"
    inside.mkdir()
    (inside / "a.csv").write_text(PLAIN)
    (inside / "b.csv").write_bytes(b"")
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


MAKERS: list[Callable[[Path], Place]] = [
    *(no_file, link_to_nothing, links_in_a_circle, unreadable_file, unreadable_folder),
    *(input_below_a_file, empty_folder, pattern_of_nothing, pipe),
    *(no_folder, output_below_a_file, read_only_output, read_only_rejects, rejects_elsewhere),
    *(output_is_the_input, output_is_a_link_to_the_input, rejects_are_the_input),
    *(output_in_a_circle, full_device, long_name, odd_names),
    *(good_and_bad_files, folder_in_a_folder, output_folder_is_a_file),
    *(output_folder_in_a_read_only_one, output_folder_is_the_input),
    *(output_folder_below_the_input, one_name_twice),
]
NAMES = [maker.__name__ for maker in MAKERS]


@pytest.fixture(scope="module", params=[True, False], ids=["arrays", "plain"])
def done(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, tuple[Path, Place, set[Path], Done]]]:
    """What the command met, said and left, by the name of the place."""
    places, before, commands = [], [], []
    for maker in MAKERS:
        folder = tmp_path_factory.mktemp(maker.__name__)
        place = maker(folder)
        if place.inputs == ("c.csv",) and not (folder / "c.csv").exists():
            (folder / "c.csv").write_text(PLAIN)
        places.append((folder, place))
        before.append({*folder.rglob("*")})
        commands.append(["score", *place.inputs, "--output", place.output, *place.options])
    folders = [folder for folder, _ in places]
    ended = run_all(commands, folders, extra=request.param)
    yield {
        name: (folder, place, files, each)
        for name, (folder, place), files, each in zip(NAMES, places, before, ended, strict=True)
    }
    for folder in folders:  # so that pytest can remove them
        for path in folder.rglob("*"):
            if not path.is_symlink():
                path.chmod(0o700)


@pytest.mark.parametrize("name", NAMES)
def test_it_is_done_or_one_line_says_why_not(
    done: dict[str, tuple[Path, Place, set[Path], Done]], name: str
) -> None:
    """What isn't done leaves nothing."""
    folder, place, before, ended = done[name]
    assert "Traceback" not in ended.out + ended.error, ended
    assert ended.status == place.status, ended
    if not place.results:
        errors = [line for line in ended.error.splitlines() if line.startswith("Error: ")]
        assert [ended.error.splitlines()[-1]] == errors
        assert place.said in errors[0]
        assert ended.out == ""
        assert {*folder.rglob("*")} == before
        return
    assert place.said in ended.out
    for result, count in place.results.items():
        with (folder / result).open(newline="") as file:
            assert len(list(csv.DictReader(file))) == count


def test_each_bad_file_of_a_folder_is_named(
    done: dict[str, tuple[Path, Place, set[Path], Done]],
) -> None:
    """And nothing is left of it."""
    folder, *_, ended = done["good_and_bad_files"]
    bad = [line for line in ended.error.splitlines() if line.startswith("Error: ")]
    assert len(bad) == 3
    for line, name in zip(sorted(bad), ("b.csv", "c.parquet", "d.csv"), strict=True):
        assert name in line
    made = {path.name for path in (folder / "out").iterdir()}
    assert made == {"a.csv", "e.csv", "e.csv.rejects.csv", "_churn-score.json"}
