"""Whatever a file holds, each row is scored or rejected, or one line refuses the file."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyarrow import parquet

from tests.bulk import (
    dirty_cells,
    dirty_columns,
    dirty_json,
    dirty_parquet,
    dirty_samples,
    dirty_tables,
    dirty_texts,
)
from tests.bulk.command_runs import Done, run_all
from tests.bulk.dirty_case import Case

MAKERS = (
    *(dirty_tables.typed, dirty_tables.ids, dirty_columns.wrong, dirty_columns.unknown),
    *(dirty_parquet.shapes, dirty_parquet.damage),
    *(dirty_texts.encodings, dirty_texts.line_ends, dirty_texts.quotes, dirty_texts.headers),
    *(dirty_cells.rows, dirty_cells.cells, dirty_cells.packings),
    *(dirty_json.entries, dirty_json.arrays, dirty_samples.samples),
)
MADE = [case for maker in MAKERS for case in maker()]
CASES = {case.file: case for case in MADE}
ENGINES = {"arrays": True, "plain": False}
"""Each with whether the extra `bulk` is there."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("dirty")


@pytest.fixture(scope="module")
def done(folder: Path) -> dict[tuple[str, str], Done]:
    """What the command said of each file, by engine: one process scores all files of an engine.

    With arrays, every other output is Parquet.
    """
    ended: dict[tuple[str, str], Done] = {}
    for engine, extra in ENGINES.items():
        commands = []
        for number, case in enumerate(CASES.values()):
            inside = f"{engine}/{case.file}"
            (folder / inside).mkdir(parents=True)
            (folder / inside / case.file).write_bytes(case.content)
            form = "parquet" if extra and number % 2 else "csv"
            commands.append(
                ["score", f"{inside}/{case.file}", "--output", f"{inside}/scored.{form}"]
            )
        ran = run_all(commands, [folder] * len(commands), extra=extra)
        ended |= {(engine, file): each for file, each in zip(CASES, ran, strict=True)}
    return ended


@pytest.mark.parametrize("file", CASES)
def test_a_file_has_one_right_result(
    folder: Path, done: dict[tuple[str, str], Done], file: str
) -> None:
    """By either engine."""
    case = CASES[file]
    is_right(case, done["arrays", file], folder / "arrays" / file)
    is_right(case.without_extra, done["plain", file], folder / "plain" / file)


def test_no_file_has_the_name_of_another() -> None:
    assert len(CASES) == len(MADE)


def is_right(case: Case, done: Done, written: Path) -> None:
    """Check what a command said and wrote."""
    assert "Traceback" not in done.out + done.error, done
    assert done.status == case.status, done
    if case.refused:
        (line,) = done.error.splitlines()
        assert done.out == ""
        assert line.startswith(f"Error: {case.file}:")
        assert case.refused in line
        assert [path.name for path in written.iterdir()] == [case.file]
        return
    assert scored_ids(written) == case.scored
    faults = [(int(row["line"]), row["reason"]) for row in rejects(written)]
    assert {line for line, _ in faults} == case.rejected.keys()
    for line, said in case.rejected.items():
        assert any(said in reason for at, reason in faults if at == line)
    counts = (len(case.scored) + len(case.rejected), len(case.scored), len(case.rejected))
    counted = re.match(r"(\d+) read, (\d+) scored, (\d+) rejected", done.out)
    assert counted is not None
    assert tuple(map(int, counted.groups())) == counts
    assert case.how in done.error
    assert done.error.startswith(f"{case.file}: read as ")


def scored_ids(written: Path) -> tuple[str, ...]:
    """The ids in the output, of whatever form."""
    (output,) = written.glob("scored.*")
    if output.suffix == ".parquet":
        return tuple(parquet.read_table(output)["customer_id"].to_pylist())
    with output.open(newline="", encoding="utf-8") as file:
        return tuple(row["customer_id"] for row in csv.DictReader(file))


def rejects(written: Path) -> Iterator[dict[str, str]]:
    """The rows of the file of rejects, if there is one."""
    for path in written.glob("*.rejects.csv"):
        with path.open(newline="", encoding="utf-8") as file:
            yield from csv.DictReader(file)
