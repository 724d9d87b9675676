"""What `churn serve` does before the server starts."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.cli.serve import _keep_private
from app.customers.store.embedded_file import tighten


def mode(path: Path) -> str:
    return oct(path.stat().st_mode & 0o777)


def readable(folder: Path) -> list[Path]:
    """A database that others can read, as earlier versions made it."""
    files = [folder / f"churn.sqlite3{ending}" for ending in ("", "-wal", "-shm")]
    for file in files:
        file.write_bytes(b"")
        file.chmod(0o644)
    return files


def test_an_older_database_of_ours_is_mended_at_the_start(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = readable(tmp_path)
    _keep_private(files[0], ours=True)
    assert {mode(file) for file in files} == {"0o600"}
    assert capsys.readouterr().err == ""


def test_one_in_a_chosen_place_is_left_and_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its group may be meant to read it."""
    files = readable(tmp_path)
    _keep_private(files[0], ours=False)
    assert {mode(file) for file in files} == {"0o644"}
    assert capsys.readouterr().err.startswith("other accounts can read the customers in ")


def test_one_that_is_somebody_elses_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    files = readable(tmp_path)
    monkeypatch.setattr(Path, "chmod", refuse)
    assert not tighten(files[0])
    _keep_private(files[0], ours=True)
    assert "chmod 600" in capsys.readouterr().err
