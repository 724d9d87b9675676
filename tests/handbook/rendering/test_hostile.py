"""No document runs code in its reader's browser, and no other file is served."""

from __future__ import annotations

import http.client
from collections import Counter
from itertools import product
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

from tests.handbook.conftest import make_app
from tests.handbook.corpus import PAYLOADS
from tests.handbook.live_markup import live
from tools.servers import Server

EVERYWHERE = """\
---
title: {0}
owner: {0}
---

# Runbook: {0}

## Severity: P1 {0}

## Alerts

- `{0}`

## Symptoms

- {0}
- [{0}](high.md "{0}")
- [x]({0})
- ![{0}]({0} '{0}')
- <{0}>
- [ ] {0}

| {0} | b |
|---|---|
| {0} | `{0}` |

> {0}

## Investigation Steps

### 1. {0}

```{0}
{0}
```

    {0}

## Common Causes & Solutions

### Cause 1: {0}

**Symptoms**: {0}
**Check**: `{0}`
**{0}**: {0}

[x]: {0} "{0}"

---

**Last Updated**: {0}
**Owner**: {0}
**Reviewers**: {0}, {0}
"""
DECISION = """\
# ADR-001: {0}

## Status

{0}

Superseded by ADR-002 {0}

## Context

{0}

---

**Date**: {0}
**Deciders**: {0}
**Consulted**: {0}
"""
FORMS = {
    "runbooks": EVERYWHERE,
    "adrs": DECISION,
    "guides": EVERYWHERE,
    "incidents": EVERYWHERE.replace("# Runbook:", "# Incident:"),
}
"""A text for each kind of document, by its folder."""

PAGES = (
    "/",
    "/incidents",
    "/runbooks",
    "/adrs",
    "/guides",
    "/search?q=context",
    "/search?q={query}",
)


def written(root: Path, payload: str, name: str) -> list[str]:
    """Write the payload into every place, its file's name too; the addresses of its pages."""
    paths = []
    for folder, form in FORMS.items():
        (root / folder).mkdir(parents=True, exist_ok=True)
        (root / folder / f"{name}.md").write_text(form.replace("{0}", payload), "utf-8")
        paths.append(f"/{folder}/{quote(name)}")
    return paths + [path.replace("{query}", quote(payload)) for path in PAGES]


def alive(root: Path, words: str) -> list[tuple[str, Counter[str]]]:
    """Each page's address, and what is live on it, where the documents hold these words."""
    reader = make_app(root, None).test_client()
    found = []
    for path in written(root, words, "a-document"):
        answer = reader.get(path)
        assert answer.status_code == 200, path
        found.append((urlsplit(path).path, Counter(live(answer.text))))
    return found


@pytest.fixture(scope="module")
def harmless(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, Counter[str]]]:
    """What is live where nothing but words is written."""
    return alive(tmp_path_factory.mktemp("harmless"), "harmless words")


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_page_has_more_that_is_live_than_with_plain_words(
    tmp_path: Path, payload: str, harmless: list[tuple[str, Counter[str]]]
) -> None:
    """Title, text, link, table, code, front matter, footer, query: each is only shown."""
    for (path, found), (_, plain) in zip(alive(tmp_path, payload), harmless, strict=True):
        assert set(found) <= set(plain) | {"details"}, path
        assert found["script"] == plain["script"], path
        assert found["link"] == plain["link"], path
        assert found["meta"] == plain["meta"], path


def test_nor_by_its_file_s_name(tmp_path: Path) -> None:
    """A document by each payload's name, and the lists that show them all."""
    names = {payload.replace("/", "_")[:80] for payload in PAYLOADS}
    paths = {path for name in names for path in written(tmp_path, "words", name)}
    reader = make_app(tmp_path, None).test_client()
    own = {"script", "link", "meta", "body", "button", "form", "details", "svg", "select"}
    for path in paths:
        answer = reader.get(path)
        assert answer.status_code == 200, path
        assert set(live(answer.text)) <= own, path
        assert answer.text.count("<script") == answer.text.count("<script src="), path


UP = (
    *("../", "..%2f", "%2e%2e/", "%2e%2e%2f", "..%252f", "%252e%252e%252f", "..%5c", "..\\"),
    *("....//", "..;/", "%c0%ae%c0%ae/", "..%c0%af", "%uff0e%uff0e/", ".%00./", "..%00/", "./../"),
    *("/", "//", "%2f", "%5c", "file:///", "~/"),
)
BELOW = (
    *("/runbooks/", "/adrs/", "/guides/", "/model-card/", "/problems/"),
    *("/handbook/static/", "/static/", "/docs/", "/docs/assets/", "/models/", "/search/", "/"),
)
FILES = {
    "etc/passwd": "root:x:",
    "etc/passwd%00.md": "root:x:",
    "setup.cfg": "[options]",
    "README": "# Churn",
    "README.md": "# Churn",
    "model/features": "month-to-month",
    "app/config.py": "class Settings",
    ".git/HEAD": "ref: refs",
    "CHANGELOG": "Keep a Changelog",
    "owners.yaml": "teams:",
}


@pytest.mark.parametrize("below", BELOW)
def test_no_address_leads_to_another_file(server: Server, below: str) -> None:
    """No spelling of a path out of the folder returns a file."""
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=120)
    for (up, times), (file, words) in product(product(UP, (1, 2, 8)), FILES.items()):
        path = f"{below}{up * times}{file}"
        connection.putrequest("GET", path, skip_accept_encoding=True)
        connection.endheaders()
        answer = connection.getresponse()
        body = answer.read().decode("utf-8", "replace")
        assert answer.status in (308, 400, 404), path
        assert words not in body, path
        if answer.will_close:
            connection.close()
    connection.close()
