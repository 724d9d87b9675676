"""Images of documents: shown where they exist, and nothing else is sent."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser
from werkzeug.test import TestResponse

from app.handbook.documents.library import Library
from app.handbook.rules import standard
from tests.handbook.conftest import make_app, serve

SVG = """\
<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><rect width="40" height="20"/>
<script>document.documentElement.setAttribute("data-ran", "yes")</script></svg>
"""
KINDS = {
    "arch.png": "image/png",
    "photo.jpg": "image/jpeg",
    "photo.JPEG": "image/jpeg",
    "moving.gif": "image/gif",
    "small.webp": "image/webp",
    "drawn.svg": "image/svg+xml",
}
TEXT = """
![of the service](images/arch.png "How it is built") and ![gone](images/none.png)
and ![up](../../secret.png) and ![ours](../model/picture.png) and ![far](https://example.org/x.png)
and ![by itself](drawn.svg) and [opened](drawn.svg), [![badge](https://example.org/b.svg)](b.md)

---
"""


@pytest.fixture
def illustrated(folder: Path) -> Path:
    """The sample, with images in its guide and beside it."""
    guides = folder / "guides"
    guide = guides / "onboarding.md"
    guide.write_text(guide.read_text("utf-8").replace("\n---\n", TEXT, 1), "utf-8")
    (guides / "images" / "deeper").mkdir(parents=True)
    for name in KINDS:
        (guides / "images" / name).write_bytes(b"bytes of " + name.encode())
        (guides / "images" / "deeper" / name).write_bytes(b"deeper")
    (guides / "drawn.svg").write_text(SVG)
    (folder / "model" / "picture.png").write_bytes(b"not below the documents")
    (folder.parent / "secret.png").write_bytes(b"secret")
    (folder / "runbooks" / "theirs.png").write_bytes(b"of the runbooks")
    (guides / "out.png").symlink_to(folder.parent / "secret.png")
    (guides / "across.png").symlink_to(folder / "runbooks" / "theirs.png")
    (guides / "in.png").symlink_to(guides / "images" / "arch.png")
    (guides / "folder.png").mkdir()
    return folder


@pytest.fixture
def images(illustrated: Path) -> FlaskClient:
    return make_app(illustrated, None).test_client()


def get(reader: FlaskClient, path: str, **headers: str) -> TestResponse:
    """The answer; its file is closed."""
    with closing(reader.get(path, headers=headers)) as answer:
        answer.get_data()
        return answer


@pytest.mark.parametrize("below", ["images/", "images/deeper/"])
@pytest.mark.parametrize(("name", "kind"), KINDS.items())
def test_an_image_is_sent_with_its_type_and_no_rights(
    images: FlaskClient, below: str, name: str, kind: str
) -> None:
    answer = get(images, f"/guides/{below}{name}")
    assert (answer.status_code, answer.mimetype) == (200, kind)
    assert answer.headers["Content-Security-Policy"] == "sandbox"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    known = {"If-None-Match": answer.headers["ETag"]}
    assert get(images, f"/guides/{below}{name}", **known).status_code == 304


@pytest.mark.parametrize(
    "path",
    [
        *("/guides/out.png", "/guides/across.png", "/guides/folder.png", "/guides/none.png"),
        *("/guides/../../secret.png", "/guides/..%2f..%2fsecret.png", "/guides/images/..%00/a.png"),
        *("/guides/../runbooks/theirs.png", "/guides/" + "a" * 300 + ".png", "/model/picture.png"),
        *("/guides/onboarding.md.png", "/guides/images", "/guides//etc/passwd.png"),
    ],
)
def test_nothing_else_is_sent(images: FlaskClient, path: str) -> None:
    """The file that a path leads to is an image in the same documents' folder."""
    assert get(images, path).status_code in (308, 404)


def test_a_link_inside_the_folder_is_followed(images: FlaskClient) -> None:
    assert get(images, "/guides/in.png").data == b"bytes of arch.png"


def test_a_page_shows_the_images_that_exist(images: FlaskClient) -> None:
    page = images.get("/guides/onboarding").text
    image = '<img alt="of the service" src="/guides/images/arch.png" title="How it is built">'
    assert image in page
    assert '<img alt="by itself" src="/guides/drawn.svg">' in page
    assert page.count("<img") == 2
    assert '<a href="https://example.org/x.png" rel="noopener noreferrer">far</a>' in page
    for words in ("gone", "up", "ours", "badge"):
        assert f"<span>{words}</span>" in page


def test_the_check_names_the_images_that_are_not_shown(illustrated: Path) -> None:
    found = standard.check(Library(illustrated), date(2026, 11, 23), lambda _path: True)
    names = [finding.message.split(":")[0] for finding in found if finding.rule == "image"]
    assert sorted(names) == ["../../secret.png", "../model/picture.png", "images/none.png"]


@pytest.fixture
def opened(browser: Browser, illustrated: Path) -> Iterator[str]:
    with serve(make_app(illustrated, None)) as url:
        yield url


def test_a_vector_image_cannot_run_its_script(browser: Browser, opened: str) -> None:
    """Neither on the page nor when somebody opens it by itself."""
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{opened}/guides/onboarding")
        assert page.locator("img[src$='drawn.svg']").evaluate("image => image.naturalWidth") == 40
        page.goto(f"{opened}/guides/drawn.svg")
        assert page.locator("rect").count() == 1
        assert page.locator("[data-ran]").count() == 0
