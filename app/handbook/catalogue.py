"""Lists every document with its state and findings."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection
from typing import Any
from urllib.parse import quote

from app.handbook.documents import card_facts, cause_proofs, experiment_list
from app.handbook.documents.cause_proofs import CHANGED, PROVEN, RunbookProof
from app.handbook.documents.document_types import ADR, Document, Runbook
from app.handbook.documents.incident_types import Incident
from app.handbook.documents.library import Library
from app.handbook.rules import standard
from app.handbook.rules.finding import Finding
from app.http.url_prefix import address
from app.services import services


def entries(
    library: Library,
    today: datetime.date,
    serves: Callable[[str], bool],
    checks: Collection[str] = (),
) -> list[dict[str, Any]]:
    """Return an entry for each document: those of every kind, experiments and model cards.

    Args:
        library: the documents; their findings are kept for a day.
        today: the date for which reviews are judged.
        serves: whether this service has a page at a path.
        checks: the names of the service's checks.
    """
    found = library.derive(
        "findings", lambda: standard.check(library, today, serves, checks), today
    )
    findings = standard.by_path(found)
    proofs = cause_proofs.proofs(library, services().checks.digest)
    listed = [
        summary(d, findings.get(d.path, []), today)
        | {"proof": _proof(proofs[d.slug]) if isinstance(d, Runbook) else None}
        for d in library
    ]
    return listed + _experiments(library, findings) + _cards(library, findings)


def _experiments(library: Library, findings: dict[str, list[Finding]]) -> list[dict[str, Any]]:
    return [
        {
            "kind": "experiment",
            "slug": found.slug,
            "title": found.title,
            "url": address(found.url),
            "severity": None,
            "alerts": [],
            "owner": found.owner or None,
            "last_updated": found.date and found.date.isoformat(),
            "review_by": None,
            "status": "decided" if found.verdict else "undecided",
            "causes": [],
            "proof": None,
            "findings": [finding.as_dict() for finding in findings.get(found.path, [])],
        }
        for found in experiment_list.experiments(library)
    ]


def _cards(library: Library, findings: dict[str, list[Finding]]) -> list[dict[str, Any]]:
    found = []
    for path, file in library.cards.items():
        card = card_facts.read(file)
        found.append(
            {
                "kind": "model card",
                "slug": card.version,
                "title": card.name or card.version,
                "url": address("/model-card"),
                "severity": None,
                "alerts": [],
                "owner": card.owner or None,
                "last_updated": card.date and card.date.isoformat(),
                "review_by": card.review_by and card.review_by.isoformat(),
                "status": "released",
                "causes": [],
                "proof": None,
                "findings": [finding.as_dict() for finding in findings.get(path, [])],
            }
        )
    return found


def state(document: Document, today: datetime.date) -> str:
    """Return a decision's status, or how far an incident or a review is."""
    if isinstance(document, Incident):
        return "open" if document.is_open else "closed"
    if isinstance(document, ADR):
        return document.status.lower() or "undecided"
    if document.last_updated is None:
        return "undated"
    return "overdue" if document.is_overdue(today) else "current"


def summary(document: Document, findings: list[Finding], today: datetime.date) -> dict[str, Any]:
    """Make a document's entry in `/handbook.json`, without its proof."""
    return {
        "kind": document.kind,
        "slug": document.slug,
        "title": document.title,
        "url": address(document.url),
        "severity": document.severity if isinstance(document, Runbook | Incident) else None,
        "alerts": list(document.alerts) if isinstance(document, Runbook) else [],
        "owner": document.owner or None,
        "last_updated": document.last_updated and document.last_updated.isoformat(),
        "review_by": document.review_by and document.review_by.isoformat(),
        "status": state(document, today),
        "causes": _causes(document),
        "findings": [finding.as_dict() for finding in findings],
    }


def _causes(document: Document) -> list[str]:
    """Return the addresses of an incident's causes."""
    causes = document.causes if isinstance(document, Incident) else ()
    return [address(f"/{quote(p.removesuffix('.md'))}#{quote(heading)}") for p, heading in causes]


def _proof(proof: RunbookProof) -> dict[str, Any]:
    return {
        "causes": len(proof.causes),
        "proven": proof.count(PROVEN),
        "changed": proof.count(CHANGED),
        "at": _time(proof.at),
        "by_cause": [
            {
                "id": found.cause.section.id,
                "name": found.cause.name,
                "state": found.state,
                "commit": found.drill.commit if found.drill else None,
                "at": _time(found.drill.at if found.drill else None),
            }
            for found in proof.causes
        ],
    }


def _time(at: datetime.datetime | None) -> str | None:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ") if at else None
