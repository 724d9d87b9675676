"""Wherever `churn score` reads and writes: it is done, or one line says what is in the way."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bulk.command_runs import Done, run_all
from tests.bulk.dirty_folders import FOLDERS
from tests.bulk.dirty_places import PLACES, PLAIN, Place

MAKERS = [*PLACES, *FOLDERS]
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
    for line, name in zip(sorted(bad), ("c.parquet", "d.csv", "march/a.csv"), strict=True):
        assert name in line
    made = {path.name for path in (folder / "out").iterdir()}
    assert made == {"a.csv", "e.csv", "_rejects", "_churn-score.json"}
