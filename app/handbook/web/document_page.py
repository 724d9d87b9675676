"""Collects what a document's page shows besides its text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from flask import current_app
from markupsafe import Markup

from app.handbook.documents import cause_proofs, experiment_list
from app.handbook.documents.cause_proofs import RunbookProof
from app.handbook.documents.document_types import (
    ADR,
    STATUSES,
    Cause,
    Document,
    Guide,
    Runbook,
)
from app.handbook.documents.experiment_file import Experiment
from app.handbook.documents.library import Library
from app.handbook.documents.opening_line import without_notes
from app.handbook.rendering import cause_notes, document_html, frames
from app.handbook.rendering.document_html import Rendered
from app.handbook.rendering.placeholders import Value, find
from app.services import services

KINDS = {"runbook": "Runbooks", "adr": "Decisions", "guide": "Guides", "incident": "Incidents"}
_SHOWN_STATUS = re.compile(
    rf"(?:supersedes|superseded by)\W+ADR-\d+|{'|'.join(STATUSES)}|\W+", re.I | re.ASCII
)
"""What of a decision's status its page shows above the text."""

_TEST = re.compile(r"(?:tests|benchmarks|drills)/[\w/.-]+\.py(?:::\w+)*", re.ASCII)


@dataclass(frozen=True)
class Page:
    """A document with its text as HTML, its neighbours and the documents that link to it."""

    document: Document
    text: Rendered
    siblings: Sequence[Document]
    backlinks: list[Document]
    experiments: list[Experiment]
    """Those that name it as decided by them."""

    aside: frozenset[str]
    """Ids of sections that the page's head shows instead."""

    html: Markup
    """The text as HTML."""

    values: list[Value]
    """The values that readers fill into the commands."""

    causes: list[tuple[Cause, str | None]]
    """A runbook's causes, each with the name of its check, if there is one."""

    confirmed_by: list[str]
    """The tests and benchmarks that confirm a decision."""

    @property
    def aside_id(self) -> str | None:
        """The id for the chip of severity or status, so that links to the section still work."""
        return next(iter(self.aside), None)

    @property
    def kind_words(self) -> str:
        """The name of this kind of document."""
        return KINDS[self.document.kind]


def page(library: Library, document: Document) -> Page:
    """Make a page; its text is rendered once and cached."""
    aside = _shown_aside(document)
    prefix, grafana_url = services().url_prefix, current_app.config["GRAFANA_URL"]
    text = library.derive(
        ("rendered", document.path),
        lambda: document_html.render(
            document,
            aside,
            library.has_image,
            prefix=prefix,
            grafana_url=grafana_url,
            notes=_notes(library, document),
        ),
    )
    return Page(
        document,
        text,
        library.same_kind(document),
        library.backlinks(document),
        experiment_list.behind(library, document.path),
        aside,
        html=Markup(text.html),  # noqa: S704  (sanitised)
        values=find(document.text.outline.fences) if isinstance(document, Runbook) else [],
        causes=[(c, frames.diagnostic(c)) for c in _causes(document)],
        confirmed_by=_confirmed_by(document),
    )


def proof(library: Library, runbook: Runbook) -> RunbookProof:
    """Return what the last drills proved of a runbook's causes."""
    return cause_proofs.proofs(library, services().checks.digest)[runbook.slug]


def _notes(library: Library, document: Document) -> dict[str, list[Element]]:
    if not isinstance(document, Runbook):
        return {}
    found = proof(library, document), library.incidents_of(document)
    return cause_notes.notes(document, *found, services().url_prefix)


def _causes(document: Document) -> tuple[Cause, ...]:
    return document.causes if isinstance(document, Runbook) else ()


def _confirmed_by(document: Document) -> list[str]:
    section = document.section("Confirmation") if isinstance(document, ADR) else None
    return list(dict.fromkeys(_TEST.findall(section.text))) if section else []


def _shown_aside(document: Document) -> frozenset[str]:
    """Return the ids of sections that the page's head shows: severity and status."""
    if isinstance(document, Runbook) and document.severity_heading:
        section = document.severity_heading
        return frozenset() if section.text else frozenset({section.id})
    status = document.section("Status")
    if isinstance(document, ADR) and status and not _SHOWN_STATUS.sub("", status.words).strip():
        return frozenset({status.id})
    return frozenset()


def opening(library: Library, guide: Guide) -> Markup:
    """Render a guide's opening, without references to footnotes."""
    html = document_html.fragment(
        guide, without_notes(guide.opening), library.has_image, prefix=services().url_prefix
    )
    return Markup(html)  # noqa: S704  (sanitised)
