"""The handbook as static pages: complete, whole, and the same for the same input."""

from __future__ import annotations

import json
import posixpath
import re
import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import yaml

from app.handbook.mirror import static_site
from app.handbook.mirror.relative_links import NOT_AVAILABLE
from app.handbook.mirror.stamp import Stamp
from tests.apps import make_app
from tests.handbook.conftest import SAMPLE
from tools.servers import ROOT

Churn = Callable[..., subprocess.CompletedProcess[str]]

SERVICE = "https://churn.example.org/below"
STAMP = Stamp("2026-11-29T12:30:00Z", "1a2b3c4", SERVICE, "1.0.0")


class Addresses(HTMLParser):
    """The addresses and the ids of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.ids: set[str] = set()
        self.feed(html)

    def handle_starttag(self, _: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.found |= {given[name] or "" for name in ("href", "src", "action") if name in given}
        self.ids |= {given["id"] or ""} if "id" in given else set()


def faults(files: dict[str, bytes]) -> list[str]:
    """What doesn't resolve in a mirror: absolute addresses, missing files, missing anchors."""
    pages = {name: Addresses(b.decode()) for name, b in files.items() if name.endswith(".html")}
    found = []
    for name, page in pages.items():
        for address in page.found:
            parts = urlsplit(address)
            if parts.scheme in ("http", "https", "mailto"):
                continue
            file = posixpath.normpath(posixpath.join(posixpath.dirname(name), unquote(parts.path)))
            file = file if parts.path else name
            ids = pages[file].ids if file in pages else set()
            if file not in files or (parts.fragment and unquote(parts.fragment) not in ids):
                found.append(f"{name}: {address}")
    index = re.findall(r"^(\[.*\]),?$", files["static/title-index.js"].decode(), re.M)
    for *_, url in map(json.loads, index):
        file, _, fragment = map(unquote, url.partition("#"))
        if file not in pages or (fragment and fragment not in pages[file].ids):
            found.append(f"the index: {url}")
    return found


def files(root: Path = ROOT, *, incidents: bool = False) -> dict[str, bytes]:
    with make_app(root=root).app_context():
        return static_site.files(STAMP, incidents=incidents)


@pytest.fixture(scope="module")
def made() -> dict[str, bytes]:
    return files()


def test_every_link_resolves(made: dict[str, bytes]) -> None:
    """And the walk finds an absolute address, a missing file and a missing anchor."""
    assert faults(made) == []
    assert len(made) > 60
    page = made["runbooks/service-down.html"]
    planted = [(b'href="#alerts"', b'href="#alarms"'), (b"../guides/on-call.html", b"/guides/x")]
    for old, new in [*planted, (b"high-error-rate.html", b"high-errors.html")]:
        assert old in page
        assert faults(made | {"runbooks/service-down.html": page.replace(old, new)})


def test_the_headings_are_those_of_the_living_page(made: dict[str, bytes]) -> None:
    """So alerts lead to the same place in both: each alert's address is a file and an id."""
    rules = yaml.safe_load((ROOT / "deploy" / "prometheus" / "alerts.yml").read_text("utf-8"))
    mirror = yaml.safe_load((ROOT / "deploy" / "addresses.yaml").read_text("utf-8"))["mirror"]
    for rule in rules["groups"][0]["rules"]:
        url = rule["annotations"]["runbook_mirror_url"].removeprefix(f"{mirror}/")
        file, _, heading = url.partition("#")
        assert heading in ({""} | Addresses(made[file].decode()).ids), url


def test_each_page_says_what_it_is(made: dict[str, bytes]) -> None:
    for name, page in made.items():
        if name.endswith(".html"):
            words = re.sub(r"\s+", " ", page.decode())
            assert "version 1.0.0, commit 1a2b3c4" in words
            assert "29 Nov 2026 12:30 UTC" in words
            assert f'<a href="{SERVICE}">' in words
    page = made["runbooks/cache-miss-storm.html"].decode()
    assert page.count(NOT_AVAILABLE) == page.count('class="verdict"') > 0
    assert "churn diagnose cache" in page
    assert not re.search(r"data-(check|state)=|Not run<|Not asked", page)


def test_images_and_odd_names_come_along(tmp_path: Path) -> None:
    """A document whose name needs quoting, and one that shows an image."""
    for folder in ("runbooks", "adrs", "guides"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    guide = (ROOT / "guides" / "on-call.md").read_text("utf-8")
    picture = guide.replace(
        "## Before", "![Map](images/a%20b.svg) [It](%C3%A4%23.md#before-the-week)\n\n## Before", 1
    )
    (tmp_path / "guides" / "ä#.md").write_text(picture, "utf-8")
    (tmp_path / "guides" / "images").mkdir()
    (tmp_path / "guides" / "images" / "a b.svg").write_text("<svg/>", "utf-8")
    found = files(tmp_path)
    assert faults(found) == []
    assert found["guides/images/a b.svg"] == b"<svg/>"
    assert 'src="images/a%20b.svg"' in found["guides/ä#.html"].decode()


def test_documents_are_there_as_markdown(made: dict[str, bytes]) -> None:
    """What the mirror lacks is linked where the living service has it."""
    texts = {name: content.decode() for name, content in made.items() if name.endswith(".md")}
    pages = {name for name in made if re.match(r"(runbooks|adrs|guides)/", name)}
    assert {f"{name.removesuffix('.html')}.md" for name in pages if ".html" in name} <= set(texts)
    for name, text in {**texts, "llms.txt": made["llms.txt"].decode()}.items():
        for link in re.findall(r"\]\(([^)\s#]+\.md|/[^)\s]*)", text):
            if not link.startswith("http"):
                file = posixpath.normpath(posixpath.join(posixpath.dirname(name), link))
                assert file in made or not file.startswith(("runbooks/", "adrs/", "guides/")), link
                assert not link.startswith("/"), link
    assert f"]({SERVICE}/openapi.json)" in made["llms.txt"].decode()


@pytest.mark.parametrize("asked", [False, True])
def test_incidents_are_left_out_unless_asked_for(asked: bool) -> None:
    """No list, card or search entry names one either."""
    found = files(SAMPLE, incidents=asked)
    words = (b"Lookups by id were slow", b"2026-11-12-slow-lookups", b"Happened")
    assert [any(word in content for content in found.values()) for word in words] == [asked] * 3
    assert ("incidents.html" in found) == asked
    assert faults(found) == []
    page = found["experiments/001-number-of-bins.html"].decode()
    assert 'href="../adrs/002-scorecard.html"' in page
    assert "experiments/001-number-of-bins.md" in found
    assert b"001-number-of-bins.html" in found["experiments.html"]
    assert b"001-number-of-bins.html" in found["static/title-index.js"]


def test_it_is_the_same_but_for_the_time(made: dict[str, bytes]) -> None:
    """And the service's own prefix doesn't matter."""
    later = Stamp("2026-11-29T12:31:00Z", STAMP.commit, STAMP.service, STAMP.version)
    with make_app(url_prefix="/other").app_context():
        again = static_site.files(later, incidents=False)
    assert again.keys() == made.keys()
    for name, content in again.items():
        lines = zip(content.splitlines(), made[name].splitlines(), strict=True)
        different = [old for new, old in lines if new != old]
        assert len(different) == (name == "mirror.json" or name.endswith(".html")), name
        assert all(b"12:30" in line for line in different)


def test_the_command_makes_and_replaces_a_mirror(churn: Churn, tmp_path: Path) -> None:
    """All of it or nothing: a folder with other files stays as it is."""
    place = tmp_path / "deep" / "mirror"
    done = churn("handbook", "build", str(place))
    assert (done.returncode, done.stdout) == (0, "")
    stamp = json.loads((place / "mirror.json").read_text("utf-8"))
    addresses = yaml.safe_load((ROOT / "deploy" / "addresses.yaml").read_text("utf-8"))
    assert stamp["service"] == addresses["service"]
    built = datetime.fromisoformat(stamp["built"])
    assert built.tzinfo == UTC
    (place / "index.html").unlink()
    (place / "gone.html").write_text("of an earlier version")
    assert churn("handbook", "build", str(place), "--address", f"{SERVICE}/").returncode == 0
    assert (place / "index.html").exists()
    assert not (place / "gone.html").exists()
    assert json.loads((place / "mirror.json").read_text("utf-8"))["service"] == SERVICE
    assert [path.name for path in place.parent.iterdir()] == ["mirror"]

    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter").write_text("kept")
    for folder, words in [("mine", "has files that are no mirror"), ("mine/letter", "is a file")]:
        refused = churn("handbook", "build", str(tmp_path / folder))
        assert refused.returncode == 2
        assert words in refused.stderr
        assert refused.stderr.count("\n") == 1
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["letter"]


def test_an_address_that_is_none_is_refused(churn: Churn, tmp_path: Path) -> None:
    done = churn("handbook", "build", str(tmp_path / "mirror"), "--address", "churn.example.org")
    assert done.returncode == 2
    assert done.stderr.startswith("--address: give an address")
    assert list(tmp_path.iterdir()) == []
