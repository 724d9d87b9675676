"""A customer-success lead uploads the export of a billing system, in a real browser."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from itertools import chain
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.customers.telco import telco_file
from tools.browser import watched
from tools.servers import Server

CUSTOMERS = 250
NUMBER = re.compile(r"0\.\d+").fullmatch


@pytest.fixture(scope="module")
def telco(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("telco") / "telco.csv"
    path.write_text(telco_file(CUSTOMERS))
    return path


def score(page: Page, url: str, file: Path) -> None:
    page.goto(f"{url}/upload")
    page.get_by_label("File of customers").set_input_files(file)
    page.get_by_role("button", name="Score the file").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("are likely to leave")


def rows_of(text: str) -> list[list[str]]:
    return sorted(csv.reader(io.StringIO(text)))


def same(rows: list[list[str]], right: list[list[str]]) -> bool:
    """Whether rows are equal, numbers to 1e-12: the command scores them with arrays."""
    pairs = zip(chain(*rows), chain(*right), strict=True)
    return all(
        abs(float(one) - float(other)) < 1e-12 if NUMBER(other) else one == other
        for one, other in pairs
    )


def test_a_file_is_scored_and_downloaded_without_script(
    browser: Browser,
    server: Server,
    telco: Path,
    tmp_path: Path,
    churn: Callable[..., CompletedProcess[str]],
) -> None:
    """The CSV of the answer, and of the form itself, is what `churn score` writes."""
    done = churn("score", str(telco), "--output", str(tmp_path / "scored.csv"))
    assert done.returncode == 0, done.stderr
    right = rows_of((tmp_path / "scored.csv").read_text())
    assert len(right) == CUSTOMERS + 1
    with watched(browser, java_script_enabled=False) as seen:
        page = seen.page
        score(page, server.url, telco)
        expect(page.locator("main")).to_contain_text("250 read, 250 scored, 0 rejected.")
        expect(page.locator("tbody tr")).to_have_count(100)
        with page.expect_download() as answered:
            page.get_by_role("button", name="Download all 250 as CSV").click()
        assert answered.value.suggested_filename == "scored.csv"
        assert same(rows_of(answered.value.path().read_text()), right)

        page.goto(f"{server.url}/upload")
        page.get_by_label("File of customers").set_input_files(telco)
        with page.expect_download() as direct:
            page.get_by_role("button", name="Download as CSV").click()
        assert same(rows_of(direct.value.path().read_text()), right)
        assert seen.console == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everyone_can_read_it(
    browser: Browser, server: Server, tmp_path: Path, telco: Path, scheme: str
) -> None:
    """Form, answer and refusal: axe finds nothing, and a phone scrolls only tables."""
    bad = tmp_path / "bad.csv"
    lines = telco.read_text().splitlines()
    bad.write_text("\n".join([*lines[:9], lines[9].replace("Fiber", "Glass"), "x,1"]))
    picture = tmp_path / "picture.csv"
    picture.write_bytes(b"\x89PNG")
    with watched(
        browser,
        color_scheme=scheme,
        viewport={"width": 375, "height": 740},
        reduced_motion="reduce",
    ) as seen:
        page = seen.page
        for file, role in ((None, "main"), (bad, "table"), (picture, "alert")):
            page.goto(f"{server.url}/upload")
            if file:
                page.get_by_label("File of customers").set_input_files(file)
                page.get_by_role("button", name="Score the file").click()
            expect(page.get_by_role(role).first).to_be_visible()  # type: ignore[arg-type]
            found = Axe().run(page).response["violations"]
            assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in found] == []
            assert page.evaluate("document.documentElement.scrollWidth") == 375
        assert [text for text in seen.console if "422" not in text] == []
