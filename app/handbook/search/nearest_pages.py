"""Finds the pages that a wrong address may have meant."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from flask import request
from rapidfuzz import fuzz

from app.access.allowed import allowed
from app.handbook.documents import experiment_list
from app.handbook.documents.document_types import ADR
from app.handbook.documents.library import Library
from app.handbook.search import service_pages
from app.services import services

MOST = 3
"""Pages that are suggested."""

_LONGEST = 100
"""Characters of an address that are compared."""

_LEAST = 75.0
"""Likeness, in percent, from which a page may be meant."""

_WITHIN = 12.0
"""How much less than the best a page may be like the address."""

_WORD = re.compile(r"[^\W_]+")
_SUFFIX = re.compile(r"\.(?:md|html?|json)\Z")


@dataclass(frozen=True)
class NearPage:
    """A page to suggest."""

    url: str
    title: str


@dataclass(frozen=True)
class _Candidate:
    page: NearPage
    words: list[str]
    more: list[str]
    """Other names, any of which may be meant."""


def nearest() -> list[NearPage]:
    """Return up to three pages like this request's address; none if its caller may see none."""
    if not allowed("handbook"):
        return []
    asked = words_of(request.path)
    library = services().library()
    candidates = library.derive("addresses", lambda: list(_candidates(library)))
    likeness = [(_likeness(asked, candidate), candidate.page) for candidate in candidates]
    likely = sorted((x for x in likeness if x[0] >= _LEAST), key=lambda x: (-x[0], x[1].url))
    return [page for like, page in likely[:MOST] if like >= likely[0][0] - _WITHIN]


def words_of(path: str) -> list[str]:
    """Return the words of a path in lower case, its numbers without zeros in front."""
    words = _WORD.findall(_SUFFIX.sub("", path.lower())[:_LONGEST])
    return [word.lstrip("0") or "0" if word.isdigit() else word for word in words]


def _candidates(library: Library) -> Iterator[_Candidate]:
    for page in service_pages.served():
        words = words_of(page.path)
        more = [*_WORD.findall(f"{page.title} {page.names}".lower()), "".join(words)]
        yield _Candidate(NearPage(page.path, page.title), words, more)
    for document in library:
        numbers = [str(document.number)] if isinstance(document, ADR) else []
        words = [*words_of(document.path), *numbers]
        yield _Candidate(NearPage(document.url, document.title), words, [])
    for found in experiment_list.experiments(library):
        yield _Candidate(NearPage(found.url, found.title), words_of(found.url), [])


def _likeness(asked: list[str], candidate: _Candidate) -> float:
    """Return how much of the address the page has, in percent, and a little of the opposite.

    The first of several words is the folder's and counts half.
    """
    if not asked:
        return 0.0
    weights = [0.5 if not i and len(asked) > 1 else 1.0 for i in range(len(asked))]
    known = [*candidate.words, *candidate.more]
    had = sum(w * _best(word, known) for w, word in zip(weights, asked, strict=True))
    covered = sum(_best(word, asked) for word in candidate.words) / len(candidate.words)
    return 0.95 * had / sum(weights) + 0.05 * covered


def _best(word: str, known: list[str]) -> float:
    if word.isdigit():
        return 100.0 if word in known else 0.0
    return max((fuzz.ratio(word, other) for other in known), default=0.0)
