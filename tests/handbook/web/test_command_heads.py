"""The heads of command blocks, the tabs of their variants, and dashboards."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.handbook.conftest import make_app, serve

GUIDE = """\
# Restart the service

For an engineer. At the end the service runs again.

## Restart

```bash needs=cluster
kubectl rollout restart -n churn-mlops deploy/churn-api --and-a-long-option-that-wraps-on-a-phone
```

```bash drill needs=systemd
systemctl restart churn
```

Then ask it:

```bash run needs=postgresql
churn diagnose database
```

```text output
ok
```

```dashboard
api-overview
```

## Look

1. At the log:

   ```sh run
   journalctl -u churn
   ```

   ```sh needs=cluster
   kubectl logs -n churn-mlops deploy/churn-api
   ```

---

**Last Updated**: 2026-11-10
**Owner**: Platform team
"""
ADDRESS = "/guides/restart"
WATCH = """
window.shifts = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.shifts += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""
NEEDS = re.compile("[Nn]eeds a cluster|needs=|Run by|systemd")


@pytest.fixture
def documents(folder: Path) -> Path:
    """The sample with a guide of both places' commands."""
    (folder / "guides" / "restart.md").write_text(GUIDE)
    return folder


@pytest.fixture
def reader(browser: Browser, documents: Path) -> Iterator[Page]:
    """A narrow browser at the guide."""
    with (
        serve(make_app(documents, None)) as address,
        browser.new_context(
            base_url=address,
            permissions=["clipboard-read", "clipboard-write"],
            viewport={"width": 375, "height": 800},
        ) as context,
    ):
        page = context.new_page()
        page.goto(ADDRESS)
        yield page


def test_a_head_says_what_a_block_needs_and_how_it_is_proven(documents: Path) -> None:
    html = make_app(documents, None).test_client().get(ADDRESS).text
    heads = re.findall(r'<p class="language">(.*?)</p>', html)
    assert [re.sub(r" ?<.*?>", "|", head).strip() for head in heads] == [
        "bash|Needs a cluster||Checked against client and manifests|",
        "bash|Needs systemd||Run by a drill|",
        "bash|Needs PostgreSQL||Run by the tests|",
        "text",
        "sh|Needs a cluster||Checked against client and manifests|",
        "sh|Run by the tests|",
    ]
    assert not any(NEEDS.search(block) for block in re.findall(r"<pre.*?</pre>", html, re.S))


def test_what_a_block_needs_is_not_found_by_search(documents: Path) -> None:
    client = make_app(documents, None).test_client()
    for words, found in {"systemctl": True, "postgresql": False, "manifests": False}.items():
        assert (ADDRESS in client.get(f"/search?q={words}").text) is found, words


@pytest.mark.parametrize(
    ("grafana", "shown"),
    [
        ("https://grafana.example/", 'href="https://grafana.example/d/api-overview"'),
        ("", "<code>api-overview</code> in Grafana: GRAFANA_URL isn't set"),
    ],
    ids=["set", "not set"],
)
def test_a_dashboard_is_a_link_or_says_why_not(documents: Path, grafana: str, shown: str) -> None:
    html = make_app(documents, None, grafana_url=grafana.rstrip("/")).test_client().get(ADDRESS)
    assert shown in html.text


def test_a_reader_s_place_is_chosen_once_for_all_blocks_and_pages(reader: Page) -> None:
    """By keyboard alone; what is copied is the command and nothing else."""
    tabs = reader.get_by_role("tab", name="Machine")
    expect(tabs).to_have_count(2)
    shown = reader.get_by_role("tabpanel")
    expect(shown).to_have_count(2)
    expect(shown.first).to_contain_text("kubectl rollout restart")
    expect(shown.last).to_contain_text("kubectl logs")
    reader.get_by_role("tab", name="Cluster").first.focus()
    reader.keyboard.press("ArrowRight")
    expect(tabs.first).to_be_focused()
    expect(shown.first).to_contain_text("systemctl restart churn")
    expect(shown.last).to_contain_text("journalctl -u churn")
    shown.first.get_by_role("button").click()
    reader.get_by_role("button", name="Copied").wait_for()
    assert reader.evaluate("navigator.clipboard.readText()") == "systemctl restart churn"
    reader.add_init_script(WATCH)
    reader.reload()
    for tab in tabs.all():
        expect(tab).to_have_attribute("aria-selected", "true")
    expect(shown.first).to_contain_text("systemctl restart churn")
    assert reader.evaluate("window.shifts") == 0
    reader.keyboard.press("Tab")
    assert Axe().run(reader).response["violations"] == []
    tabs.last.focus()
    for key, name in {"Home": "Cluster", "End": "Machine", "ArrowLeft": "Cluster"}.items():
        reader.keyboard.press(key)
        expect(reader.get_by_role("tab", name=name).last).to_be_focused()
    overflow = "document.documentElement.scrollWidth - innerWidth"
    assert reader.evaluate(overflow) == 0
    command = reader.locator(".panel.cluster pre").first
    assert command.evaluate("e => e.scrollWidth <= e.clientWidth"), "long commands wrap"


def test_in_print_and_without_scripts_both_places_are_there(reader: Page, browser: Browser) -> None:
    reader.emulate_media(media="print")
    expect(reader.get_by_role("tablist")).to_have_count(0)
    pages = [reader]
    with browser.new_context(java_script_enabled=False) as context:
        pages.append(context.new_page())
        pages[1].goto(reader.url)
        for page in pages:
            for words in ("kubectl rollout restart", "systemctl restart churn", "journalctl"):
                expect(page.get_by_text(words)).to_be_visible()
            for label in ("Cluster", "Machine"):
                expect(page.locator(".panel > .label", has_text=label).first).to_be_visible()
