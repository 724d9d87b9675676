"""A file is replaced atomically, and keeps its owner."""

from __future__ import annotations

import os
import stat
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from app.writing.atomic_files import atomic_write


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize(
    ("umask", "asked", "given"),
    [(0o022, 0o666, 0o644), (0o077, 0o666, 0o600), (0o022, 0o600, 0o600)],
)
def test_a_new_file_obeys_the_umask(tmp_path: Path, umask: int, asked: int, given: int) -> None:
    before = os.umask(umask)
    try:
        with atomic_write(tmp_path / "new", asked) as file:
            file.write("1\r\n2\n")
    finally:
        os.umask(before)
    assert (tmp_path / "new").read_bytes() == b"1\r\n2\n"
    assert mode(tmp_path / "new") == given


@pytest.mark.parametrize("kept", [0o600, 0o640, 0o664])
def test_a_replaced_file_keeps_mode_and_owner(tmp_path: Path, kept: int) -> None:
    """Readers see the old file until the end; the new one is never more readable than the old."""
    path = tmp_path / "file"
    path.write_text("old")
    if os.geteuid() == 0:
        os.chown(path, 10001, 10002)
    path.chmod(kept)
    before = path.stat()
    with atomic_write(path) as file:
        file.write("new")
        (beside,) = {*tmp_path.iterdir()} - {path}
        assert mode(beside) == 0o700
        assert mode(beside / "file") == kept
        assert path.read_text() == "old"
    after = path.stat()
    assert path.read_text() == "new"
    assert (after.st_mode, after.st_uid, after.st_gid) == (
        before.st_mode,
        before.st_uid,
        before.st_gid,
    )


@pytest.mark.parametrize("fault", [OSError, UnicodeError, KeyboardInterrupt])
def test_whatever_fails_what_was_there_stays_and_nothing_else(
    tmp_path: Path, fault: type[BaseException]
) -> None:
    path = tmp_path / "file"
    path.write_text("old")

    def fail() -> None:
        with atomic_write(path) as file:
            file.write("half")
            raise fault

    with pytest.raises(fault):
        fail()
    assert [*tmp_path.iterdir()] == [path]
    assert path.read_text() == "old"


def test_of_a_link_the_file_that_it_names_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "file").write_text("old")
    link = tmp_path / "link"
    link.symlink_to("folder/file")
    with atomic_write(link) as file:
        file.write("new")
    assert link.is_symlink()
    assert (tmp_path / "folder" / "file").read_text() == "new"


def test_links_that_name_each_other_are_mended(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with atomic_write(path) as file:
        file.write("new")
    assert path.read_text() == "new"


@pytest.mark.parametrize(("call", "times"), [("mkdir", 1), ("open", 1), ("open", 2)])
def test_what_ends_the_command_as_the_file_is_made_leaves_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, times: int
) -> None:
    """A signal is heard as soon as a call is over."""
    made, calls = getattr(os, call), count(1)

    def interrupted(*args: Any, **options: Any) -> Any:
        result = made(*args, **options)
        if next(calls) == times:
            raise SystemExit
        return result

    with monkeypatch.context() as patch:
        patch.setattr(os, call, interrupted)
        with pytest.raises(SystemExit), atomic_write(tmp_path / "file"):
            pytest.fail("it was not made")
    assert list(tmp_path.iterdir()) == []
