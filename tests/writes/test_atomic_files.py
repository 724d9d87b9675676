"""A file is replaced atomically, and keeps its owner."""

from __future__ import annotations

import os
import stat
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from app.writing.atomic_files import add_files, atomic_write, replace_folder
from app.writing.unfinished_folders import OLD_SECONDS, folder_made, sweep, unfinished


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


def test_what_a_killed_process_left_is_removed_by_the_next(tmp_path: Path) -> None:
    """What a living one writes stays."""
    with unfinished(tmp_path) as killed:
        pass
    killed.mkdir()
    (killed / "file").write_text("half")
    with unfinished(tmp_path) as living:
        with atomic_write(tmp_path / "new") as file:
            file.write("whole")
        assert {*tmp_path.iterdir()} == {living, tmp_path / "new"}
    assert [*tmp_path.iterdir()] == [tmp_path / "new"]


def test_what_another_machine_left_goes_after_a_day(tmp_path: Path) -> None:
    """It may still be at work: some file systems don't tell of its lock."""
    theirs = tmp_path / ".churn-00.unfinished"
    theirs.mkdir()
    (theirs / "file").write_text("half")
    sweep(tmp_path)
    assert (theirs / "file").exists()
    for path in (theirs / "file", theirs):
        os.utime(path, (0, path.stat().st_mtime - OLD_SECONDS))
    sweep(tmp_path)
    assert [*tmp_path.iterdir()] == []


def test_one_that_is_removed_before_it_is_locked_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process that removes what is left may take it for that."""
    opened, calls = os.open, count(1)

    def swept(path: Any, *args: Any, **options: Any) -> int:
        if next(calls) == 1:
            Path(path).rmdir()
        return opened(path, *args, **options)

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", swept)
        with atomic_write(tmp_path / "file") as file:
            file.write("whole")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_file_that_must_not_be_replaced_stays(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("old")
    with pytest.raises(FileExistsError) as refused, atomic_write(tmp_path / "file", replace=False):
        pass
    assert refused.value.filename == str(tmp_path / "file")
    with pytest.raises(FileExistsError):
        add_files(tmp_path, {"new": b"", "file": b"new"})
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_text() == "old"


def test_folders_that_were_made_are_removed_when_something_fails(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    with pytest.raises(OSError, match="full"), folder_made(tmp_path / "there" / "a" / "b"):
        raise OSError("full")
    assert [*tmp_path.rglob("*")] == [tmp_path / "there"]


def test_a_folder_is_replaced_whole(tmp_path: Path) -> None:
    (tmp_path / "1.0.0").mkdir()
    (tmp_path / "1.0.0" / "old").write_text("old")
    replace_folder(tmp_path / "1.0.0", {"new": b"new"})
    assert [*tmp_path.rglob("*")] == [tmp_path / "1.0.0", tmp_path / "1.0.0" / "new"]
