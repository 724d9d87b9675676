"""Documents as markdown, `/llms.txt` and the feed."""

from __future__ import annotations

import datetime
import re
from pathlib import Path
from urllib.parse import urljoin, urlsplit
from xml.etree.ElementTree import fromstring

from flask.testing import FlaskClient

from app.handbook.web import atom_feed
from tests.handbook.conftest import SAMPLE, make_app

LINKS = re.compile(r"\]\((\S+?)\)")
ATOM = "{http://www.w3.org/2005/Atom}"

GUIDE = """\
---
status: kept
---

# Links

See [the card](../model/releases/1.0.0/card.yaml), [the API](/docs#/predictions), the
[runbook](../runbooks/high-api-latency.md#escalation), [a decision](/adrs/001-pickle), [code][1] and
[the features](../model/features.yaml).

```text
[the card](../model/releases/1.0.0/card.yaml)
```

[1]: /openapi.json
"""


def test_every_link_of_llms_txt_answers(client: FlaskClient) -> None:
    """It names each document, with one line about it."""
    answer = client.get("/llms.txt")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    title, _, summary = answer.text.split("\n")[:3]
    assert (title[:2], summary[:2]) == ("# ", "> ")
    links = LINKS.findall(answer.text)
    known = client.get("/handbook.json").get_json()["documents"]
    own = {f"http://localhost{d['url']}.md" for d in known}
    assert own <= set(links)
    for link in links:
        found = client.get(urlsplit(link).path, buffered=True)
        kind = "text/markdown" if link.endswith(".md") else "application/json"
        assert (found.status_code, found.mimetype) == (200, kind), link
    lines = [line for line in answer.text.split("\n") if line.startswith("- ")]
    assert [line for line in lines if len(line.partition("): ")[2]) < 30] == []


def test_each_page_names_its_markdown(reader: FlaskClient) -> None:
    for path in ("/runbooks/high-api-latency", "/adrs/001-pickle", "/guides/onboarding"):
        assert f'type="text/markdown" href="{path}.md"' in reader.get(path).text
        source = (SAMPLE / f"{path[1:]}.md").read_text("utf-8")
        answer = reader.get(f"{path}.md")
        assert answer.headers["Content-Type"] == "text/markdown; charset=utf-8"
        assert answer.text.splitlines()[0] == source.splitlines()[0]
        tag = {"If-None-Match": answer.headers["ETag"]}
        assert reader.get(f"{path}.md", headers=tag).status_code == 304


def test_links_work_at_the_address_of_the_markdown(folder: Path) -> None:
    """Links to pages are written anew, below the service's prefix too; all else is the source."""
    (folder / "guides" / "links.md").write_text(GUIDE)
    (folder / "guides" / "named.md.md").write_text("# A name like an address\n")
    app = make_app(folder, None)
    app.extensions["churn"].url_prefix = "/churn"
    reader = app.test_client()
    text = reader.get("/guides/links.md").text
    expected = GUIDE.replace("the card](../model/releases/1.0.0/card.yaml), ", "the card](X), ")
    expected = expected.replace("(X)", "(/churn/model-card.md)").replace("(/docs", "(/churn/docs")
    expected = expected.replace("(/adrs/001-pickle)", "(/churn/adrs/001-pickle.md)")
    assert text == expected.replace("]: /openapi", "]: /churn/openapi")
    runbook = urljoin("/guides/links.md", LINKS.findall(text)[2])
    assert reader.get(runbook).mimetype == "text/markdown"
    assert reader.get("/guides/named.md").mimetype == "text/html"
    assert reader.get("/model-card.md").status_code == 404


def test_the_card_as_markdown_has_every_part(client: FlaskClient) -> None:
    """Every heading of the page, every term and the numbers of each table."""
    page, text = client.get("/model-card").text, client.get("/model-card.md").text
    titles = re.findall(r"<h2[^>]*>([^<]+)</h2>", page)
    assert len(titles) > 8
    left_out = {title for title in titles if f"\n## {title}\n" not in text}
    assert left_out == {"Figures", "Scores by group"}  # plots
    decisions = [link for link in LINKS.findall(text) if link.startswith("adrs/")]
    assert len(decisions) > 1
    assert {client.get(f"/{link}").status_code for link in decisions} == {200}
    release = client.application.extensions["churn"].releases.serving
    assert text.count("| Value | Customers | Effect |") == len(release.scorecard.terms)
    for entry in release.card["metrics"]["model_performance"]:
        assert f"{entry['value']:.3f}" in text


def test_the_feed_is_atom(folder: Path) -> None:
    """It has what RFC 4287 requires of a feed and its entries; the newest document is first."""
    title = "# Runs \x0b & <b>\n\n---\n\n**Last Updated**: 2027-01-01\n**Owner**: A & B\n"
    (folder / "guides" / "odd.md").write_text(title)
    answer = make_app(folder, None).test_client().get("/feed.xml", base_url="https://a.example/x/")
    assert answer.mimetype == "application/atom+xml"
    feed = fromstring(answer.data)
    for element in (feed, *feed.findall(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            assert [bool(found.text) for found in element.findall(ATOM + name)] == [True], name
        assert element.find(f"{ATOM}id").text.startswith("https://a.example/x/")  # type: ignore[union-attr]
        times = [
            datetime.datetime.fromisoformat(e.text or "") for e in element.iter(f"{ATOM}updated")
        ]
        assert times[0] == max(times)
    assert feed.find(f"{ATOM}author/{ATOM}name") is not None
    titles = [title.text for title in feed.iterfind(f"{ATOM}entry/{ATOM}title")]
    assert titles[0] == "Runs \ufffd & <b>"
    assert len(titles) == len(set(titles)) == 8


def test_a_feed_has_fifty_entries_at_most(folder: Path) -> None:
    for number in range(atom_feed.MOST + 3):
        text = f"# Guide {number}\n\n---\n\n**Last Updated**: 2026-01-01\n**Owner**: T\n"
        (folder / "guides" / f"guide-{number}.md").write_text(text)
    feed = make_app(folder, None).test_client().get("/feed.xml").text
    assert feed.count("<entry>") == atom_feed.MOST
