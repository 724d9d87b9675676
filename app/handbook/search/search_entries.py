"""Makes search entries of documents, headings, operations of the API, problems and the card."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from app.handbook.documents import alert_rule_files, located_yaml, outline_reader
from app.handbook.documents.alert_rule_files import AlertRule
from app.handbook.documents.document_types import ADR, Document, Runbook
from app.handbook.documents.library import Library
from app.handbook.documents.sections import Section
from app.handbook.search.search_index import SearchEntry
from app.http.problems import ProblemType

_METRIC = re.compile(r"[a-zA-Z_][\w:]*[_:][\w:]*\w")
_LEAD = 160
_METHODS = ("get", "post", "put", "patch", "delete")


def documents(library: Library) -> Iterator[SearchEntry]:
    """Yield an entry for each document and each of its headings."""
    rules: dict[str, list[AlertRule]] = {}
    for rule in alert_rule_files.read(library.root)[0]:
        rules.setdefault(rule.runbook, []).append(rule)
    for document in library:
        names = _names(document, rules.get(document.path, []))
        text = document.text
        opening = text.words(0, document.sections[0].line if document.sections else text.end)
        lead = "" if opening else _lead(document)
        yield SearchEntry(document.kind, document.title, document.url, "", names, opening, lead)
        for section in document.sections:
            yield from _sections(document, section)


def _lead(document: Document) -> str:
    """Return the beginning of the first section with content: symptoms, context."""
    for title in ("Symptoms", "Context"):
        if section := document.section(title):
            words = section.words
            return words if len(words) <= _LEAD else words[:_LEAD].rpartition(" ")[0] + "…"
    return ""


def _names(document: Document, rules: list[AlertRule]) -> str:
    """Return alerts with the metrics that they watch, or a decision's number."""
    names = list(document.alerts) if isinstance(document, Runbook) else []
    for rule in rules:
        names += [rule.name, rule.summary, *_METRIC.findall(rule.expression)]
    if isinstance(document, ADR) and document.number is not None:
        names.append(f"ADR-{document.number:03}")
    return " ".join(dict.fromkeys([*names, document.slug]))


def _sections(document: Document, section: Section) -> Iterator[SearchEntry]:
    below = section.children
    body = document.text.words(section.line + 1, below[0].line if below else section.end)
    url = f"{document.url}#{quote(section.id)}"
    yield SearchEntry(document.kind, document.title, url, section.title, "", body)
    for child in below:
        yield from _sections(document, child)


def _plain(text: str) -> str:
    """Return the words of a markdown text."""
    return " ".join(" ".join(words for _, words in outline_reader.read(text).words).split())


def operations(spec: Mapping[str, Any]) -> Iterator[SearchEntry]:
    """Yield an entry for each operation of an OpenAPI document."""
    for path, methods in spec.get("paths", {}).items():
        for method in _METHODS:
            operation = methods.get(method)
            if operation is None:
                continue
            tag, name = (operation.get("tags") or ["default"])[0], operation["operationId"]
            parameters = [p for p in operation.get("parameters", []) if "name" in p]
            words = [operation.get("description", "")]
            words += [f"{p['name']}: {p.get('description', '')}" for p in parameters]
            words += sorted(_properties(operation.get("requestBody"), spec, set()))
            statuses = " ".join(operation["responses"])
            yield SearchEntry(
                kind="operation",
                title=f"{method.upper()} {path}",
                url=f"/docs#/{quote(tag)}/{quote(name)}",
                names=f"{name} {statuses}",
                body=_plain(". ".join([operation.get("summary", "").rstrip("."), *words])),
            )


def _properties(node: Any, spec: Mapping[str, Any], seen: set[str]) -> set[str]:
    """Return the names of all properties in a part of the document, following references."""
    if isinstance(node, list):
        return {name for item in node for name in _properties(item, spec, seen)}
    if not isinstance(node, dict):
        return set()
    reference = node.get("$ref")
    if isinstance(reference, str) and reference not in seen:
        seen.add(reference)
        target: Any = spec
        for key in reference.removeprefix("#/").split("/"):
            target = target.get(key, {})
        return _properties(target, spec, seen)
    properties = node.get("properties")
    names = set(properties) if isinstance(properties, dict) else set()
    inside = [v for key, v in node.items() if key not in ("example", "examples")]
    return names | _properties(inside, spec, seen)


def problems(kinds: Mapping[str, ProblemType]) -> Iterator[SearchEntry]:
    """Yield an entry for each type of problem."""
    for slug, kind in kinds.items():
        body = _plain(f"{kind.meaning} {kind.remedy}")
        names = f"{slug} {kind.status}"
        yield SearchEntry("problem", kind.title, f"/problems/{quote(slug)}", "", names, body)


def cards(library: Library) -> Iterator[SearchEntry]:
    """Yield the entries of the model card, from the newest release's card."""
    newest = max(library.cards.values(), key=_version, default=None)
    card = located_yaml.get(located_yaml.read(newest)[0], "model_card") if newest else None
    if card is not None:
        title = located_yaml.text(located_yaml.get(card, "name")) or "Model card"
        yield SearchEntry("model card", title, "/model-card", "", "model card", _scalars(card))


def _version(card: Path) -> list[int]:
    """Return the numbers of the card's version, by which versions sort."""
    return [int(number) for number in re.findall(r"\d+", card.parent.name)]


def _scalars(node: located_yaml.Node) -> str:
    if isinstance(node.value, str):
        return node.value
    parts = [part for item in node.value for part in (item if isinstance(item, tuple) else (item,))]
    return " ".join(_scalars(part) for part in parts)
