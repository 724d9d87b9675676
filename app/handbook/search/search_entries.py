"""Makes search entries of documents, headings, operations of the API, problems and the card."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from app.handbook.documents import alert_rule_files, card_facts, experiment_list, located_yaml
from app.handbook.documents.alert_rule_files import AlertRule
from app.handbook.documents.document_types import ADR, Document, Runbook
from app.handbook.documents.library import Library
from app.handbook.documents.sections import Section
from app.handbook.search import searched_text
from app.handbook.search.search_results import SearchEntry
from app.http.problems import ProblemType

_METRIC = re.compile(r"[a-zA-Z_][\w:]*[_:][\w:]*\w")
_QUOTED = re.compile(r"`([^`]+)`")
_METHODS = ("get", "post", "put", "patch", "delete")


def documents(library: Library) -> Iterator[SearchEntry]:
    """Yield an entry for each document and each of its headings."""
    rules: dict[str, list[AlertRule]] = {}
    for rule in alert_rule_files.read(library.root)[0]:
        rules.setdefault(rule.runbook, []).append(rule)
    for document in library:
        text = document.text
        end = document.sections[0].line if document.sections else text.end
        opening = searched_text.prose(text, 0, end)
        yield SearchEntry(
            kind=document.kind,
            title=document.title,
            url=document.url,
            names=_names(document, rules.get(document.path, [])),
            body=opening,
            code=searched_text.commands(text, 0, end),
            lead="" if opening else _lead(document),
        )
        signs = _signs_of_causes(document)
        for section in document.sections:
            yield from _sections(document, section, signs)


def _lead(document: Document) -> str:
    """Return the first section with content: symptoms, context."""
    found = (document.section(title) for title in ("Symptoms", "Context"))
    prose = (searched_text.prose(s.whole, s.line + 1, s.end) for s in found if s)
    return next(filter(None, prose), "")


def _names(document: Document, rules: list[AlertRule]) -> str:
    """Return a decision's number, or alerts, their metrics and what the symptoms quote."""
    names = list(document.alerts) if isinstance(document, Runbook) else []
    for rule in rules:
        names += [rule.name, rule.summary, *_METRIC.findall(rule.expression)]
    if isinstance(document, Runbook) and (symptoms := document.section("Symptoms")):
        names += _quoted(symptoms.text)
    if isinstance(document, ADR) and document.number is not None:
        names.append(f"ADR-{document.number:03}")
    return " ".join(dict.fromkeys([*names, document.slug]))


def _quoted(symptoms: str) -> list[str]:
    """Return errors and words of the log that symptoms quote; addresses have entries."""
    return [words for words in _QUOTED.findall(symptoms) if not words.startswith("/")]


def _signs_of_causes(document: Document) -> dict[int, str]:
    """Return what the symptoms of each cause quote, by the line of its heading."""
    causes = document.causes if isinstance(document, Runbook) else ()
    return {
        cause.section.line: " ".join(_quoted(cause.fields["symptoms"].value))
        for cause in causes
        if "symptoms" in cause.fields
    }


def _sections(
    document: Document, section: Section, signs: Mapping[int, str]
) -> Iterator[SearchEntry]:
    below = section.children
    start, end = section.line + 1, below[0].line if below else section.end
    yield SearchEntry(
        kind=document.kind,
        title=document.title,
        url=f"{document.url}#{quote(section.id)}",
        heading=section.title,
        names=signs.get(section.line, ""),
        body=searched_text.prose(document.text, start, end),
        code=searched_text.commands(document.text, start, end),
    )
    for child in below:
        yield from _sections(document, child, signs)


def operations(spec: Mapping[str, Any]) -> Iterator[SearchEntry]:
    """Yield an entry for each operation of an OpenAPI document."""
    for path, methods in spec.get("paths", {}).items():
        for method in _METHODS:
            operation = methods.get(method)
            if operation is None:
                continue
            tag, name = (operation.get("tags") or ["default"])[0], operation["operationId"]
            parameters = [p for p in operation.get("parameters", []) if "name" in p]
            words = [operation.get("summary", ""), operation.get("description", "")]
            words += [f"{p['name']}: {p.get('description', '')}" for p in parameters]
            words.append(", ".join(sorted(_properties(operation.get("requestBody"), spec, set()))))
            statuses = " ".join(operation["responses"])
            yield SearchEntry(
                kind="operation",
                title=f"{method.upper()} {path}",
                url=f"/docs#/{quote(tag)}/{quote(name)}",
                names=f"{name} {statuses}",
                body=searched_text.of_markdown("\n\n".join(filter(None, words))),
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
        body = searched_text.of_markdown(f"{kind.meaning} {kind.remedy}")
        names = f"{slug} {kind.status}"
        yield SearchEntry("problem", kind.title, f"/problems/{quote(slug)}", names=names, body=body)


def cards(library: Library) -> Iterator[SearchEntry]:
    """Yield the entry of the model card, the newest release's."""
    card = card_facts.newest(library)
    if card is not None and card.node is not None:
        title, body = card.name or "Model card", " ".join(_sentences(card.node))
        yield SearchEntry("model card", title, "/model-card", names="model card", body=body)


def experiments(library: Library) -> Iterator[SearchEntry]:
    """Yield an entry for each experiment."""
    for found in experiment_list.experiments(library):
        names = [f"experiment {found.number:03}", found.varied, *(v.name for v in found.variants)]
        body = " ".join(filter(None, (found.question, found.verdict)))
        yield SearchEntry("experiment", found.title, found.url, names=" ".join(names), body=body)


def _sentences(node: located_yaml.Node, name: str = "") -> Iterator[str]:
    """Yield a sentence for each value, with its name in words."""
    if isinstance(node.value, str):
        if text := located_yaml.text(node):
            yield searched_text.sentence(f"{name}: {text}" if name else text)
        return
    for part in node.value:
        key, value = part if isinstance(part, tuple) else (None, part)
        words = located_yaml.text(key).replace("_", " ").capitalize() if key else name
        yield from _sentences(value, words)
