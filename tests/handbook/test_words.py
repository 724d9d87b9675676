"""No word of a source is lost or joined to another on its page."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from flask import Flask

from app.handbook.documents.command_blocks import PROOFS
from app.handbook.documents.library import Library
from app.handbook.rendering import document_html
from model.training.card_writer import PATH
from tests.handbook.page_words import text_of, words_of
from tools.servers import ROOT

RELEASE = "model/releases/1.2.0"

NUMBER = re.compile(r"\d+k?")
"""With the thousands of an axis."""

CARD_PAGE = [
    *("app/handbook/web/templates", "app/http/templates", "app/handbook/card", "adrs"),
    *(
        "model/features.yaml",
        RELEASE,
        "app/http/effect_words.py",
        "model/experiments",
    ),
]
"""Where the words of the card's page come from."""

MARKUP = re.compile(
    r"\]\([^)]*\)|^\[[^\]]+\]: .*$|<!--.*?-->|"
    r"^ *(?:`{3,}|~{3,}).*$|^ *\d+\. |\[[x ]\]|\d{4}-\d\d-\d\d",
    re.DOTALL | re.MULTILINE,
)
"""What is no text: where links lead, comments, fences, numbers of lists, boxes, dates."""

SHOWN_ELSEWHERE = words_of("Date Severity Status Last")
"""Names of fields and sections that a page's facts have in other words."""

OF_PAGE = words_of(
    " ".join(
        [
            "Done Set aside Cluster Machine Dashboard Needs a cluster PostgreSQL Redis",
            "in Grafana: GRAFANA_URL isn't set",
            *PROOFS.values(),
        ]
    )
)
"""What tick boxes, tabs and heads of blocks of code say."""


def texts(node: object) -> Iterator[str]:
    """Every text below a node of YAML."""
    if isinstance(node, str):
        yield " ".join(node.split())
    elif isinstance(node, (dict, list)):
        for below in node.values() if isinstance(node, dict) else node:
            yield from texts(below)


def files(path: Path) -> Iterator[Path]:
    yield from path.rglob("*.*") if path.is_dir() else [path]


def test_every_text_of_the_card_is_on_its_page(app: Flask) -> None:
    """Word for word, wherever the source's lines end."""
    prose = yaml.safe_load(PATH.read_text())
    del prose["decisions"]  # shown by their titles
    release = yaml.safe_load((ROOT / RELEASE / "card.yaml").read_text())["model_card"]
    prose["why_parts_differ"] = release["repeated_cross_validation"][
        "why_parts_differ"
    ]  # filled in
    for exception in prose["fairness_exceptions"]:
        exception["metric"] = exception["metric"].replace("_", " ")
    page = text_of(app.test_client().get("/model-card").text)
    assert [text for text in texts(prose) if text not in page] == []


def test_no_words_are_joined_on_the_card_s_page(app: Flask) -> None:
    """`Matches<span>on disk</span>` reads as one word that no source has."""
    sources = [file for path in CARD_PAGE for file in files(ROOT / path) if file.suffix != ".pyc"]
    known = {word.lower() for file in sources for word in words_of(file.read_text())}
    main = app.test_client().get("/model-card").text.partition("<main")[2].partition("</main>")[0]
    shown = words_of(text_of(f"<main{main}"))
    joined = {word for word in shown if word.lower() not in known and not NUMBER.fullmatch(word)}
    assert joined == set()


def test_no_word_of_a_document_is_lost_or_joined(app: Flask) -> None:
    library, client = Library(ROOT), app.test_client()
    joined, lost = {}, {}
    for document in library:
        source = html.unescape((ROOT / document.path).read_text())
        with app.test_request_context():
            text = document_html.render(document, has_image=library.has_image).html
        joined[document.path] = words_of(text_of(text)) - words_of(source) - OF_PAGE
        page = words_of(text_of(client.get(document.url).text))
        lost[document.path] = words_of(MARKUP.sub(" ", source)) - page - SHOWN_ELSEWHERE
    assert {path: words for path, words in joined.items() if words} == {}
    assert {path: words for path, words in lost.items() if words} == {}


@pytest.mark.parametrize(
    ("markup", "words"),
    [
        ("<li>Matches<span>on disk</span></li>", {"Matcheson", "disk"}),
        ("<li>Matches <span>on disk</span></li>", {"Matches", "on", "disk"}),
        ("<dt>Matches</dt><dd>on disk</dd>", {"Matches", "on", "disk"}),
    ],
    ids=["joined", "apart", "blocks"],
)
def test_only_elements_of_a_line_join_words(markup: str, words: set[str]) -> None:
    assert words_of(text_of(markup)) == words
