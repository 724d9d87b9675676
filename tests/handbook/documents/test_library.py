"""The library loads although one document is unreadable, and derives each thing once."""

from __future__ import annotations

import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.handbook.documents.library import Library
from tests.handbook.conftest import SAMPLE, make_app


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A handbook with a guide that may not be read."""
    shutil.copytree(SAMPLE, tmp_path, dirs_exist_ok=True)
    closed = tmp_path / "guides" / "closed.md"
    closed.write_text("# Closed\n")
    read = Path.read_bytes

    def refuse(path: Path) -> bytes:
        if path == closed:
            raise PermissionError(13, "Permission denied", str(path))
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", refuse)  # root may read any
    return tmp_path


def test_a_document_that_cannot_be_read_takes_no_page_with_it(
    root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    reader = make_app(root, None).test_client()
    for page in ("/", "/runbooks", "/guides", "/runbooks/high-api-latency"):
        assert reader.get(page).status_code == 200
    assert reader.get("/guides/closed").status_code == 404
    assert caplog.messages == ["guides/closed.md is left out: Permission denied"]


def test_who_judges_the_library_is_told(root: Path) -> None:
    assert len(list(Library(root))) == len(list(Library(SAMPLE)))
    with pytest.raises(PermissionError):
        Library(root).require_complete()


def test_all_who_ask_while_something_is_made_share_it() -> None:
    """A page that many open at once after a start is made once, not by each."""
    library = Library(SAMPLE)
    made: list[str] = []
    opened = threading.Event()

    def make() -> str:
        made.append("page")
        opened.wait()
        return library.derive("part", lambda: "with its part")  # as a page needs others

    with ThreadPoolExecutor(8) as readers:
        found = [readers.submit(library.derive, "page", make) for _ in range(8)]
        opened.set()
    assert {future.result() for future in found} == {"with its part"}
    assert made == ["page"]


def test_what_is_derived_is_made_again_for_another_version_or_after_a_failure() -> None:
    library = Library(SAMPLE)
    with pytest.raises(ZeroDivisionError):
        library.derive("number", lambda: 1 // 0)
    assert library.derive("number", lambda: 1, "monday") == 1
    assert library.derive("number", lambda: 2, "monday") == 1
    assert library.derive("number", lambda: 2, "tuesday") == 2
