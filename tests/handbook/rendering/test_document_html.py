import re

import pytest

from app.handbook.documents import document_parser
from app.handbook.documents.source import decode
from app.handbook.rendering import document_html
from tests.handbook.corpus import PAYLOADS
from tests.handbook.live_markup import live


def html(text: str, kind: str = "guide") -> str:
    document = document_parser.parse(
        kind, "a", f"{kind}s/a.md", decode(f"# A\n\n{text}\n".encode())
    )
    return document_html.render(document).html


@pytest.mark.parametrize(
    ("written", "href"),
    [
        ("../adrs/001-x.md", "/adrs/001-x"),
        ("../runbooks/y.md#a-heading", "/runbooks/y#a-heading"),
        ("b.md", "/guides/b"),
        ("./b.md", "/guides/b"),
        ("#here", "#here"),
        ("/docs", "/docs"),
        ("https://example.org/a?b=1#c", "https://example.org/a?b=1#c"),
        ("../model/releases/1.0.0/card.yaml", "/model-card"),
    ],
)
def test_links_lead_to_this_service_s_pages(written: str, href: str) -> None:
    assert f'href="{href}"' in html(f"[x]({written})")


@pytest.mark.parametrize(
    "written",
    ["../model/features.yaml", "../../etc/passwd", "javascript:alert(1)", "//example.org", "x:y"],
)
def test_a_link_without_a_page_is_words(written: str) -> None:
    """Files of the repository are named, not linked; other schemes never reach a page."""
    assert "href" not in html(f"[words]({written})")
    assert "words" in html(f"[words]({written})")


def test_raw_html_is_text_and_comments_are_nothing() -> None:
    made = html("<b>bold</b> and <NAMESPACE>\n\n<!-- a note -->\n\n<div>block</div>")
    assert "&lt;b&gt;bold&lt;/b&gt; and &lt;NAMESPACE&gt;" in made
    assert "&lt;div&gt;block&lt;/div&gt;" in made
    assert "a note" not in made


def test_tasks_tables_and_code_have_their_form() -> None:
    made = html("- [ ] a\n- [x] **b**\n\n|a|b|\n|-|-:|\n|1|2|\n\n```python\nx = 1\n```")
    boxes = re.findall(r"<input[^>]*>", made)
    assert ["checked" in box for box in boxes] == [False, True]
    assert all('type="checkbox"' in box for box in boxes)
    assert '<td class="right">2</td>' in made
    assert '<p class="language">python</p>' in made
    assert '<span class="n">x</span>' in made


def test_fields_on_lines_of_their_own_stay_so() -> None:
    assert "<br>" in html("**Symptoms**: a\n**Check**: b")


def test_steps_and_causes_are_framed() -> None:
    text = (
        "## Investigation Steps\n\n### 1. A\n\nx\n\n## Common Causes & Solutions\n\n### Cause 1: B"
    )
    made = html(text, "runbook")
    assert re.search(r'<section class="step">.*<h3 id="1-a">.*</section>\s*<h2', made, re.S)
    assert re.search(r'<section class="cause">(?:(?!</section>).)*<h3 id="cause-1-b">', made)


PLACES = {
    "text": "{}",
    "quotation": "> {}",
    "list": "- {}",
    "heading": "## {}",
    "link words": "[{}](b.md)",
    "link target": "[a]({})",
    "bracketed target": "[a](<{}>)",
    "link title": '[a](b.md "{}")',
    "image": "![{}]({})",
    "reference": "[a]\n\n[a]: {}",
    "table": "|{}|b|\n|-|-|\n|{}|d|",
    "code": "`{}`",
    "fence": "```html\n{}\n```",
    "fence's language": "```{}\nx\n```",
    "task": "- [ ] {}",
}


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_in_a_document_runs(payload: str) -> None:
    """No text in a document makes a live script, style or address on its page."""
    for place, form in PLACES.items():
        made = html(form.replace("{}", payload))
        assert live(made) == [], place
