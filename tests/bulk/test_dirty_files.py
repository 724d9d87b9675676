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
    dirty_tables,
    dirty_texts,
)
from tests.bulk.command_runs import Done, run_all
from tests.bulk.dirty_case import Case

MAKERS = (
    *(dirty_tables.typed, dirty_tables.ids, dirty_columns.wrong),
    *(dirty_parquet.shapes, dirty_parquet.damage),
    *(dirty_texts.encodings, dirty_texts.line_ends, dirty_texts.quotes, dirty_texts.headers),
    *(dirty_cells.rows, dirty_cells.cells, dirty_cells.packings),
    *(dirty_json.entries, dirty_json.arrays),
)
CASES = {case.file: case for maker in MAKERS for case in maker()}
RUNS = {
    "arrays-csv": (True, "csv"),
    "arrays-parquet": (True, "parquet"),
    "plain-csv": (False, "csv"),
}
"""With or without the extra `bulk`, and the form of the output."""


def place(folder: Path, run: str, case: Case) -> Path:
    """The folder of a case: its file, what is written, and nothing else."""
    return folder / run / case.file


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("dirty")


@pytest.fixture(scope="module")
def done(folder: Path) -> dict[tuple[str, str], Done]:
    """Each case after each run: one process scores all files of a run."""
    ended: dict[tuple[str, str], Done] = {}
    for run, (extra, form) in RUNS.items():
        commands = []
        for case in CASES.values():
            place(folder, run, case).mkdir(parents=True)
            (place(folder, run, case) / case.file).write_bytes(case.content)
            inside = f"{run}/{case.file}"
            commands.append(
                ["score", f"{inside}/{case.file}", "--output", f"{inside}/scored.{form}"]
            )
        ran = run_all(commands, folder, extra=extra)
        ended |= {(run, file): each for file, each in zip(CASES, ran, strict=True)}
    return ended


@pytest.mark.parametrize("run", RUNS)
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_file_has_one_right_result(
    folder: Path, done: dict[tuple[str, str], Done], case: Case, run: str
) -> None:
    """Whichever engine scores it, and whatever is written."""
    ended, written = done[run, case.file], place(folder, run, case)
    is_right(case.without_extra if run.startswith("plain") else case, ended, written)


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
