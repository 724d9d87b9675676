"""Writes `/llms.txt`: what the service is, and where its documents are as markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from app.handbook.documents import experiment_list
from app.handbook.documents.document_types import ADR, Document, Runbook
from app.handbook.documents.library import Library
from app.handbook.documents.opening_line import opening_line, shortened

OPENING = """\
# Churn-prediction service

> Scores customers for churn with exact reasons, and serves the handbook that operates it: \
runbooks, guides, decisions and the model card.

Every document is markdown at the address of its page with `.md`. Where keys are configured, send \
one: `Authorization: Bearer KEY`.
"""


def text(library: Library, pages: str, service: str, *, model: bool) -> str:
    """Return the text: a title, a summary, and sections of links with a line each.

    Args:
        library: the documents.
        pages: what goes before the paths of documents.
        service: what goes before the paths of the API.
        model: whether a model is in service, so that it has a card.
    """
    sections = [
        _section("Runbooks", library.runbooks, pages),
        _section("Guides", library.guides, pages),
        _section("Decisions", library.adrs, pages),
        _section("Incidents", library.incidents, pages),
    ]
    card = f"- [Model card]({pages}/model-card.md): its uses, limits, quality and every term\n"
    api = (
        f"- [OpenAPI]({service}/openapi.json): every operation with its schemas and examples\n"
        f"- [Documents as JSON]({service}/handbook.json): their owners, reviews and findings\n"
    )
    experiments = "".join(
        f"- [{_plain(e.title)}]({pages}{e.url}.md): winner: {e.simplest_not_beaten}. "
        f"{shortened(e.question)}\n"
        for e in experiment_list.experiments(library)
    )
    parts = [OPENING, *filter(None, sections)]
    parts += [f"## Experiments\n\n{experiments}"] if experiments else []
    parts += [f"## Model\n\n{card}"] if model else []
    return "\n".join([*parts, f"## API\n\n{api}"])


def _section(title: str, documents: Sequence[Document], pages: str) -> str:
    lines = [
        f"- [{_plain(document.title)}]({pages}{document.url}.md): {' '.join(_told(document))}\n"
        for document in documents
    ]
    return f"## {title}\n\n{''.join(lines)}" if lines else ""


def _plain(words: str) -> str:
    """Escape the signs that would end a link's words."""
    return re.sub(r"([\[\]])", r"\\\1", words)


def _told(document: Document) -> Iterator[str]:
    """Yield the sentences of a document's line."""
    if isinstance(document, Runbook):
        alerts = f"; alerts {', '.join(document.alerts)}" if document.alerts else ""
        yield f"{document.severity or 'No severity'}{alerts}."
    if isinstance(document, ADR):
        yield f"{document.status or 'No status'}."
    yield opening_line(document)
