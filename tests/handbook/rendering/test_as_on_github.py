"""What GitHub shows and what the page shows: one document, one structure."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.handbook.documents import document_parser
from app.handbook.documents.document_types import Document
from app.handbook.documents.library import Library
from app.handbook.documents.source import decode
from app.handbook.rendering import document_html
from tests.handbook.conftest import SAMPLE
from tests.handbook.rendering.generated_texts import TEXTS
from tests.handbook.rendering.github_html import on_github, shown
from tools.servers import ROOT


class Shape(HTMLParser):
    """The nesting of a fragment as words: `ul(li(a code(b)))`."""

    SHOWN = ("ul", "ol", "li", "pre", "blockquote", "table", "h2", "h3", "input")

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words = ""
        self.feed(re.sub(r'<p class="language">.*?</p>', "", html))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self.SHOWN:
            self.words += f" {tag.replace('pre', 'code')}("
        if tag == "input":
            self.words += ")"

    def handle_endtag(self, tag: str) -> None:
        if tag in self.SHOWN:
            self.words += ") "

    def handle_data(self, data: str) -> None:
        self.words += f" {data} "


def parse(text: str) -> Document:
    return document_parser.parse("guide", "a", "guides/a.md", decode(text.encode()))


def shape(text: str) -> str:
    words = " ".join(Shape(document_html.render(parse(f"# A\n\n{text}\n")).html).words.split())
    return words.replace("( ", "(").replace(" )", ")")


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("text:\n- a\n- b", "text: ul(li(a) li(b))"),
        ("text:\n1. a\n2. b", "text: ol(li(a) li(b))"),
        ("text\n2. not a list", "text 2. not a list"),
        ("- a\n  - b\n    - c\n- d", "ul(li(a ul(li(b ul(li(c))))) li(d))"),
        ("1. a\n   - b\n2. c", "ol(li(a ul(li(b))) li(c))"),
        ("1) a\n2) b", "ol(li(a) li(b))"),
        ("10. a\n    - b", "ol(li(a ul(li(b))))"),
        ("- a\n\n  b\n\n- c", "ul(li(a b) li(c))"),
        ("- a\n\n  b\n- c", "ul(li(a b) li(c))"),
        ("- a\n  - b\n\n    c\n- d", "ul(li(a ul(li(b c))) li(d))"),
        ("- a\nlazy", "ul(li(a lazy))"),
        ("- a\n\nb", "ul(li(a)) b"),
        ("- a\n1. b", "ul(li(a)) ol(li(b))"),
        ("1. a\n   ```sh\n   ls\n   ```\n2. b", "ol(li(a code(ls)) li(b))"),
        ("- ```\n  a\n\n  b\n  ```\n- c", "ul(li(code(a b)) li(c))"),
        ("- a\n  - b\n    ```\n    c\n    ```\n    d\n- e", "ul(li(a ul(li(b code(c) d))) li(e))"),
        ("text\n```\n# a\n- b\n```\ntext", "text code(# a - b) text"),
        ("````\n```\na\n```\n````", "code(``` a ```)"),
        ("~~~\na", "code(a)"),
        ("- a\n\n      code", "ul(li(a code(code)))"),
        ("text\n> a\n> - b\n>   - c\n>\n> ```\n> d\n> ```",
         "text blockquote(a ul(li(b ul(li(c)))) code(d))"),
        ("- a\n  > b\n- c", "ul(li(a blockquote(b)) li(c))"),
        ("text\n|a|b|\n|-|-|\n|c|d|\n\nend", "text table(a b c d) end"),
        ("- [ ] a\n  - [x] b", "ul(li(input() a ul(li(input() b))))"),
        ("#no heading\n\n####### nor this", "#no heading ####### nor this"),
        ("a\n---\nb\n\n***\n\nc", "h2(a) b c"),
        ("## a ##\nb\n### `c`\n- d", "h2(a) b h3(c) ul(li(d))"),
        ("- x\n## a", "ul(li(x)) h2(a)"),
    ],
    ids=lambda text: text[:24],
)  # fmt: skip
def test_a_document_reads_as_on_github(written: str, shown: str) -> None:
    """Lists, fences, quotations and tables need neither blank lines nor four blanks of indent."""
    assert shape(written) == shown


CASES = sorted((Path(__file__).parent / "cases").glob("*.md"))


@pytest.mark.parametrize("file", CASES, ids=lambda file: file.stem)
def test_a_case_is_shown_as_on_github(file: Path) -> None:
    document = parse(file.read_text("utf-8"))
    assert shown(document) == on_github(document)


@pytest.mark.parametrize("document", list(Library(ROOT)), ids=lambda document: document.slug)
def test_our_documents_are_shown_as_on_github(document: Document) -> None:
    assert shown(document) == on_github(document)


@settings(max_examples=2000)
@given(TEXTS)
def test_generated_documents_are_shown_as_on_github(text: str) -> None:
    document = parse(text)
    assert shown(document) == on_github(document)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a\nb", "a\\\nb"),
        ("> a\n\n> b", "> a\n>\n> b"),
        ("- a\n  1. b", "- a\n  - b"),
        ("a **b** c", "a**b**c"),
        ("`a  b`", "`a b`"),
        ("```\na\n\nb\n```", "```\na\nb\n```"),
        ("[a](b.md)", "[a](c.md)"),
        ("[a](b.md 't')", "[a](b.md)"),
        ("|a|\n|-|\n|b|", "|a|\n|:-|\n|b|"),
        ("- [x] a", "- [ ] a"),
        ("2. a", "1. a"),
        ("## a", "### a"),
    ],
)
def test_the_comparison_sees_a_difference(one: str, other: str) -> None:
    assert shown(parse(one)) != shown(parse(other))
    assert on_github(parse(one)) != on_github(parse(other))


def ids_shown(document: Document) -> list[str]:
    return re.findall(r'<h[1-6] id="([^"]*)"', document_html.render(document).html)


def ids_found(document: Document) -> list[str]:
    title = next((h for h in document.text.headings if h.level == 1), None)
    return [heading.id for heading in document.text.headings if heading is not title]


@pytest.mark.parametrize("root", [ROOT, SAMPLE], ids=["our documents", "the sample"])
def test_every_heading_of_a_document_has_its_id_on_the_page(root: Path) -> None:
    """The check uses the anchors of the page."""
    for document in Library(root):
        assert ids_shown(document) == ids_found(document)
        assert [h.id for h in document.text.headings][:1] == [document.heading_id]


WRITTEN = """
# a
## a
### `b` *c*
#a
a
===
---
***
> a
> ## a
>
> - a
>   - b
> ```
- a
  - b
    - c
1. a
2) a
   b
      c
- # a
- - a
- ```
-
+ a
- [ ] a
```
```sh
  ```
   ```
~~~
````
`a
[a]: b
[a]
[^1]: a
*[a]: b
: a
![a](b)
|a|b|
|-|-|
<div>
</div>
<!--
-->
<!-- a -->
    a
**a**: b
"""
ODD = ["\t- a", "\x0c", "\ue0000\ue001", "\x02", "\x03", "a  ", "\\", "- "]


@settings(max_examples=400)
@given(st.lists(st.sampled_from([*WRITTEN.split("\n"), *ODD]), max_size=16).map("\n".join))
def test_page_and_outline_agree_whatever_is_written(text: str) -> None:
    """Headings of the page are those of the outline, in order; each fence is a block of code."""
    document = parse(text)
    page = document_html.render(document).html
    assert re.findall(r'<h[1-6] id="([^"]*)"', page) == ids_found(document)
    assert "\ue000" not in page or "\ue000" in text
    body = [f for f in document.text.outline.fences if f.line < document.text.end]
    assert page.count('class="code') >= len(body)


N = 250_000
HOSTILE = {
    "brackets": "[" * N,
    "brackets in paragraphs": ("[" * 3900 + "\n\n") * 60,
    "images": "![a" * (N // 3),
    "quotations in one line": ">" * N,
    "quotations in steps": "\n".join(">" * i for i in range(1, 700)),
    "lists in steps": "\n".join("  " * i + "- a" for i in range(490)),
    "lists in one line": "- " * (N // 2),
    "emphasis": "**a *b " * (N // 7),
    "comments": "<!--\n" * (N // 5),
    "code": " ".join("`" * i for i in range(1, 700)),
    "table": "|a" * 1000 + "|\n" + "|-" * 1000 + "|\n" + ("|b" * 1000 + "|\n") * 60,
    "signs of headings": "#" * N,
    "megabytes": "word [x](b.md) **b**\n\n" * 250_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_document_is_rendered(text: str) -> None:
    """No depth or length makes the page fail or take minutes."""
    document = parse(f"# A\n\n{text}\n\n## End\n")
    assert document_html.render(document).html or text == HOSTILE["signs of headings"]
