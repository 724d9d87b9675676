"""Full-text search over everything that has a page: SQLite's FTS5, in memory.

What the reader typed never reaches FTS5 as syntax: words are taken out of it and quoted. A word is
also the beginning of longer ones, and one that nothing begins with is corrected (`spelling`).
"""

from __future__ import annotations

import re
import sqlite3
import threading
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from app.handbook.spelling import Vocabulary

LIMIT = 20
"""Results of a search at the most."""

OF_A_PAGE = 3
"""Results that lead to the same page, at the most."""

_CANDIDATES = 120
_TERMS = 12
_LONGEST = 200
_SHORT = 2
_COMMON = 1000
_TELLING = 3
_WORD = re.compile(r"[^\W_]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_OPEN, _CLOSE = "\x02", "\x03"
_MARKS = str.maketrans("", "", _OPEN + _CLOSE)

_WEIGHTS = "bm25(10.0, 6.0, 4.0, 1.0)"


@dataclass(frozen=True)
class Entry:
    """A place that can be found: a page, or a heading on it."""

    kind: str
    title: str
    """The page's."""

    url: str
    """With the heading's fragment."""

    heading: str = ""
    names: str = ""
    """What it is looked up by: alerts, metrics, statuses, operation ids."""

    body: str = ""

    lead: str = ""
    """Shown where no hit can be, since there is no body."""

    @property
    def merit(self) -> float:
        """How much a match here counts: an incident can't wait, and a list of links says little."""
        if self.heading.lower() in ("related documents", "references"):
            return 0.5
        return {"runbook": 1.4, "problem": 1.1}.get(self.kind, 1.0)


@dataclass(frozen=True)
class Result:
    """A place that was found; the snippet is safe HTML with its hits in `<mark>`."""

    kind: str
    title: str
    url: str
    heading: str
    snippet: Markup


class Index:
    """The entries, ready to be searched from any thread.

    Args:
        entries: what can be found.
    """

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._entries = list(entries)
        self._lock = threading.Lock()
        self._database = sqlite3.connect(":memory:", check_same_thread=False)
        self._database.execute(
            "CREATE VIRTUAL TABLE page USING fts5(names, title, heading, body, prefix='2 3 4', "
            "tokenize='unicode61 remove_diacritics 2 separators ''_''')"
        )
        self._database.execute("INSERT INTO page(page, rank) VALUES('rank', ?)", (_WEIGHTS,))
        self._database.executemany(
            "INSERT INTO page(rowid, names, title, heading, body) VALUES (?, ?, ?, ?, ?)",
            (
                (
                    number,
                    _split(entry.names),
                    _title(entry),
                    _clean(entry.heading),
                    _clean(entry.body),
                )
                for number, entry in enumerate(self._entries)
            ),
        )
        self._database.execute("CREATE VIRTUAL TABLE word USING fts5vocab(page, row)")
        words = self._database.execute("SELECT term, doc FROM word").fetchall()
        self._vocabulary = Vocabulary(dict(words))

    def search(self, query: str) -> list[Result]:
        """The places that fit best, the best first; any text may be asked for."""
        terms = _terms(query)
        if not terms:
            return []
        found = []
        if len(terms) == 1 and len(terms[0][-1]) <= _SHORT:
            # Nearly every text has a word that begins with these two letters: first look at names.
            found = self._match(f"{{names title heading}} : {_phrase(terms[0])}")
        found = found or self._match(" AND ".join(map(_phrase, terms)))
        if not found:
            corrected = [self._corrected(term) for term in terms]
            found = self._match(" AND ".join(corrected))
            if not found and len(terms) > 1:
                found = self._match(" OR ".join(self._telling(terms, corrected)))
        return found

    def _telling(self, terms: list[list[str]], corrected: list[str]) -> list[str]:
        """The rarest of the terms: that a text has a word which most texts have tells nothing."""
        uses = [min(map(self._vocabulary.uses, term)) for term in terms]
        rare = sorted(range(len(terms)), key=uses.__getitem__)
        kept = [i for i in rare if uses[i] <= _COMMON][:_TELLING] or rare[:1]
        return [corrected[i] for i in kept]

    def _corrected(self, term: Sequence[str]) -> str:
        """A term, or where nothing begins with a word of it, what is spelled nearly so."""
        phrase = _phrase(term)
        near = [word for part in term for word in self._vocabulary.near(part)]
        if not near:
            return phrase
        return "(" + " OR ".join(f'"{word}"' for word in near) + ")"

    def _match(self, expression: str) -> list[Result]:
        with self._lock:
            ranked = self._database.execute(
                "SELECT rowid, rank FROM page WHERE page MATCH ? ORDER BY rank LIMIT ?",
                (expression, _CANDIDATES),
            ).fetchall()
            chosen = self._choose(ranked)
            return [self._result(number, expression) for number in chosen]

    def _choose(self, ranked: list[tuple[int, float]]) -> list[int]:
        pages: Counter[str] = Counter()
        chosen = []
        for number, _ in sorted(ranked, key=lambda row: row[1] * self._entries[row[0]].merit):
            page = self._entries[number].url.partition("#")[0]
            if page == "/docs":  # one page, yet each operation stands for itself
                page = self._entries[number].url
            pages[page] += 1
            if pages[page] <= OF_A_PAGE:
                chosen.append(number)
        return chosen[:LIMIT]

    def _result(self, number: int, expression: str) -> Result:
        text, *_ = self._database.execute(
            "SELECT snippet(page, 3, ?, ?, '…', 24) FROM page WHERE page MATCH ? AND rowid = ?",
            (_OPEN, _CLOSE, expression, number),
        ).fetchone()
        entry = self._entries[number]
        return Result(
            entry.kind, entry.title, entry.url, entry.heading, _marked(text or entry.lead)
        )


def _terms(query: str) -> list[list[str]]:
    """The words of each part between spaces: `http_requests_total` is a phrase of three."""
    parts = query[:_LONGEST].lower().split()[:_TERMS]
    return [words for part in parts if (words := _WORD.findall(part))]


def _phrase(words: Sequence[str]) -> str:
    """Words in their order, the last one possibly longer; a single letter is only itself."""
    return f'"{" ".join(words)}"' + ("*" if len(words[-1]) > 1 else "")


def _split(names: str) -> str:
    """Names as they are, and `ChurnApiDown` as its words too."""
    return _clean(f"{names} {_CAMEL.sub(' ', names)}" if _CAMEL.search(names) else names)


def _title(entry: Entry) -> str:
    """A page's title is searched once, at its top, not again at each of its headings."""
    return "" if entry.heading else _clean(entry.title)


def _clean(text: str) -> str:
    return text.translate(_MARKS).replace("\0", "")


def _marked(text: str) -> Markup:
    safe = str(escape(text)).replace(_OPEN, "<mark>").replace(_CLOSE, "</mark>")
    return Markup(safe)  # noqa: S704  (escaped)
