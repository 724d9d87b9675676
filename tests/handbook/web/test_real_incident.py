"""Two incidents from the alert's link to the draft of a postmortem, each with a real fault."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Browser, Page, expect

from app.handbook.documents.library import Library
from app.handbook.documents.skeletons import FOLDER
from app.handbook.rules.finding import ERROR
from app.handbook.rules.standard import check
from tools.browser import tab_to, watched
from tools.databases import PostgreSQL, redis_server
from tools.load_clients import load
from tools.ports import free_port
from tools.prometheus import prometheus
from tools.servers import ROOT, Server, churn, gunicorn, wait_until

RULES = """
groups:
  - name: incident
    rules:
      - {alert: ChurnApiDatabaseDown, expr: vector(1)}
      - {alert: ChurnApiCacheDown, expr: vector(1)}
"""
LOOKUPS: list[tuple[str, str, object]] = [("GET", "/customers/not-there/prediction", None)]
TIME = r"\d\d:\d\d:\d\d UTC"


@dataclass
class System:
    """The service over parts that can be broken."""

    server: Server
    environ: dict[str, Any]
    folder: Path
    redis: ExitStack
    redis_port: int


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory, cluster: PostgreSQL) -> Iterator[System]:
    folder, port = tmp_path_factory.mktemp("incident"), free_port()
    with ExitStack() as stack:
        nowhere = f"http://127.0.0.1:{free_port()}"
        watching = stack.enter_context(prometheus(folder, nowhere, RULES))
        redis = stack.enter_context(ExitStack())
        redis.enter_context(redis_server(folder, port))
        environ: dict[str, Any] = {  # Any: of a dictionary's keys mypy knows no names
            "DATABASE_URL": cluster.new(),
            "CACHE_URL": f"redis://127.0.0.1:{port}/0",
            "PROMETHEUS_URL": watching,
        }
        for command in (
            ("database", "upgrade"),
            ("customers", "load", f"{ROOT}/model/sample_customers.csv"),
        ):
            done = churn(*command, **environ)
            assert done.returncode == 0, done.stderr
        server = stack.enter_context(gunicorn(folder, **environ))
        yield System(server, environ, folder, redis, port)


def draft_of(page: Page, folder: Path) -> tuple[str, set[str]]:
    """The downloaded draft, and the rules that it breaks among our documents."""
    with page.expect_download() as download:
        page.get_by_role("button", name="Postmortem").press("Enter")
    for part in ("runbooks", "guides", "adrs", "incidents"):
        (folder / part).mkdir(parents=True)
    for runbook in (ROOT / "runbooks").glob("*.md"):
        shutil.copy(runbook, folder / "runbooks")
    path = f"incidents/{download.value.suggested_filename}"
    download.value.save_as(folder / path)
    today = datetime.now(UTC).date()
    found = check(Library(folder), today)
    rules = {finding.rule for finding in found if finding.path == path and finding.level == ERROR}
    return (folder / path).read_text("utf-8"), rules


def skeleton(part: str) -> list[str]:
    """The headings, or the places to fill in, of the skeleton of incidents."""
    text = (FOLDER / "new-incident.md").read_text("utf-8")
    return re.findall(part, text, re.M)


def test_a_lock_on_the_table(system: System, browser: Browser, tmp_path: Path) -> None:
    """On a phone: the alert's link names another cause; the line names this one."""
    size = {"width": 375, "height": 667}
    with ExitStack() as stack:
        holder = stack.enter_context(closing(psycopg.connect(system.environ["DATABASE_URL"])))
        holder.execute("LOCK TABLE customers")
        stack.enter_context(load(system.server.url, LOOKUPS, clients=2, pause=0.05))
        seen = stack.enter_context(watched(browser, base_url=system.server.url, viewport=size))
        page = seen.page
        page.goto("/runbooks/database-slow-or-down#cause-1-the-server-is-gone-or-frozen")
        likely = page.locator(".likely")
        expect(likely).to_have_text(
            re.compile(rf"^Likely: A lock on the table → solution · checked {TIME}$")
        )
        expect(page.locator(".alerting")).to_have_text(
            re.compile(rf"^Firing ChurnApiDatabaseDown since {TIME}\s*$")
        )
        for part in (".alerting", ".likely", "[data-start]"):
            expect(page.locator(part)).to_be_in_viewport(ratio=1)
        verdicts = page.locator(".suspects li")
        expect(verdicts).to_contain_text(["Ruled out", "This is it", "Ruled out", "Ruled out"])

        page.get_by_role("button", name="Start incident").click()
        likely.get_by_role("link", name="solution").click()
        expect(page.get_by_text("churn database end --blocking")).to_be_in_viewport()
        wait_until(lambda: "1 ended" in end(system), "the one who blocks is ended")

        page.get_by_role("button", name="Check again").click()
        expect(likely).to_contain_text("None of these causes: escalate")
        page.get_by_role("link", name="Started").click()
        page.get_by_label("Note").fill("Ended a <job>; see [its page](nowhere.md) and `VACUUM`")
        page.get_by_role("button", name="Add note").click()
        draft, broken = draft_of(page, tmp_path)
    link = "../runbooks/database-slow-or-down.md#cause-2-a-lock-on-the-table"
    assert f"\n[A lock on the table]({link})\n" in draft
    assert re.search(
        r"Check: A lock on the table: this is it, (?s:.*)Check: A lock on the table: ruled", draft
    )
    assert re.findall(r"^##? .*", draft, re.M)[1:] == skeleton(r"^##? .*")[1:]
    assert set(re.findall("<.*?>", draft)) <= set(skeleton("<.*?>"))
    assert broken == {"unfilled"}


def end(system: System) -> str:
    """Run the solution."""
    return churn("database", "end", "--blocking", **system.environ).stdout


def test_redis_is_down(system: System, browser: Browser, tmp_path: Path) -> None:
    """By the keyboard alone, from the page's beginning."""
    system.redis.close()
    with watched(browser, base_url=system.server.url) as seen:
        page = seen.page
        page.goto("/runbooks/cache-miss-storm#cause-1-redis-is-down")
        likely = page.locator(".likely")
        expect(likely).to_contain_text("Likely: Redis is down")
        # The browser goes on from the heading that the link names.
        tab_to(page, page.get_by_role("button", name="Start incident"), "Shift+Tab")
        page.keyboard.press("Enter")
        tab_to(page, likely.get_by_role("link", name="solution"), "Shift+Tab")
        page.keyboard.press("Enter")
        expect(page.locator(".found :target")).to_be_in_viewport()
        system.redis.enter_context(redis_server(system.folder, system.redis_port))
        tab_to(page, page.get_by_label("Done").first, "Shift+Tab")
        page.keyboard.press("Space")
        tab_to(page, page.get_by_role("button", name="Check again"), "Shift+Tab")
        page.keyboard.press("Enter")
        expect(page.locator(".suspects li").first).to_contain_text("Ruled out")
        draft, broken = draft_of(page, tmp_path)
    assert "\n[Redis is down](../runbooks/cache-miss-storm.md#cause-1-redis-is-down)\n" in draft
    assert re.search(rf"{TIME}: Done: 1\. ", draft)
    assert broken == {"unfilled"}
