"""Full-text search over everything that has a page: SQLite's FTS5, in memory.

What the reader typed never reaches FTS5 as syntax: its words are quoted. A word also matches longer
words that begin with it. If there are none, it is corrected (`spelling`).
"""

from __future__ import annotations

import sqlite3
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from app.handbook.search import search_query
from app.handbook.search.spelling import Vocabulary

LIMIT = 20
"""Most results of a search."""

OF_A_PAGE = 3
"""Most results on the same page."""

_CANDIDATES = 120
_SHORT = 2
_PIECE, _OVERLAP = 4000, 40
"""Characters. FTS5's time for a snippet grows with the square of a text's hits."""

_COMMON = 1000
_TELLING = 3

_WEIGHTS = "bm25(10.0, 6.0, 4.0, 1.0)"


@dataclass(frozen=True)
class SearchEntry:
    """A page, or a heading on it, that search can find."""

    kind: str
    title: str
    """The page's."""

    url: str
    """With the heading's fragment."""

    heading: str = ""
    names: str = ""
    """Names to find it by: alerts, metrics, statuses, operation ids."""

    body: str = ""

    lead: str = ""
    """Shown instead of a snippet if there is no body."""

    @property
    def merit(self) -> float:
        """Weight of a match here: runbooks count more, lists of links less."""
        if self.heading.lower() in ("related documents", "references"):
            return 0.5
        return {"runbook": 1.4, "problem": 1.1}.get(self.kind, 1.0)


@dataclass(frozen=True)
class Result:
    """A result; the snippet is safe HTML with its hits in `<mark>`."""

    kind: str
    title: str
    url: str
    heading: str
    snippet: Markup


class SearchIndex:
    """The entries, searchable from any thread.

    Args:
        entries: to search.
    """

    def __init__(self, entries: Iterable[SearchEntry]) -> None:
        self._entries: list[SearchEntry] = []
        """By row number; an entry has a row for each piece of its body."""

        self._lock = threading.Lock()
        self._database = sqlite3.connect(":memory:", check_same_thread=False)
        self._database.execute(
            "CREATE VIRTUAL TABLE page USING fts5(names, title, heading, body, prefix='2 3 4', "
            "tokenize='unicode61 remove_diacritics 2 separators ''_''')"
        )
        self._database.execute("INSERT INTO page(page, rank) VALUES('rank', ?)", (_WEIGHTS,))
        self._database.executemany(
            "INSERT INTO page(rowid, names, title, heading, body) VALUES (?, ?, ?, ?, ?)",
            (row for entry in entries for row in self._rows(entry)),
        )
        self._database.execute("CREATE VIRTUAL TABLE word USING fts5vocab(page, row)")
        counts = self._database.execute("SELECT term, doc FROM word").fetchall()
        self._vocabulary = Vocabulary(dict(counts))

    def _rows(self, entry: SearchEntry) -> Iterator[tuple[int, str, str, str, str]]:
        """Yield an entry's rows; a heading's entry doesn't repeat the page's title."""
        body = search_query.clean(entry.body)
        title = "" if entry.heading else search_query.clean(entry.title)
        heads = search_query.split_names(entry.names), title, search_query.clean(entry.heading)
        for start in range(0, max(len(body), 1), _PIECE):
            # The pieces overlap, so that a word at the cut is whole in one of them.
            piece = body[max(start - _OVERLAP, 0) : start + _PIECE]
            yield len(self._entries), *heads, piece
            self._entries.append(entry)
            heads = "", "", ""

    def search(self, query: str) -> list[Result]:
        """Return the best results for any text, the best first."""
        terms = search_query.terms(query)
        if not terms:
            return []
        found = []
        if len(terms) == 1 and len(terms[0][-1]) <= _SHORT:
            # Nearly every text has words that begin with two given letters, so search names first.
            found = self._match(f"{{names title heading}} : {search_query.phrase(terms[0])}")
        found = found or self._match(" AND ".join(map(search_query.phrase, terms)))
        if not found:
            corrected = [self._corrected(term) for term in terms]
            found = self._match(" AND ".join(corrected))
            if not found and len(terms) > 1:
                found = self._match(" OR ".join(self._telling(terms, corrected)))
        return found

    def _telling(self, terms: list[list[str]], corrected: list[str]) -> list[str]:
        """Return the rarest terms; a word in most texts says nothing."""
        uses = [min(map(self._vocabulary.uses, term)) for term in terms]
        rare = sorted(range(len(terms)), key=uses.__getitem__)
        kept = [i for i in rare if uses[i] <= _COMMON][:_TELLING] or rare[:1]
        return [corrected[i] for i in kept]

    def _corrected(self, term: Sequence[str]) -> str:
        """Return a term, or its corrections if no text has words that begin like it."""
        phrase = search_query.phrase(term)
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
        seen: set[str] = set()
        chosen = []
        for number, _ in sorted(ranked, key=lambda row: row[1] * self._entries[row[0]].merit):
            url = self._entries[number].url
            # The API is one page, but each operation counts as a page.
            page = url if url.startswith("/docs#") else url.partition("#")[0]
            if url not in seen and pages[page] < OF_A_PAGE:
                seen.add(url)
                pages[page] += 1
                chosen.append(number)
        return chosen[:LIMIT]

    def _result(self, number: int, expression: str) -> Result:
        text, *_ = self._database.execute(
            "SELECT snippet(page, 3, ?, ?, '…', 24) FROM page WHERE page MATCH ? AND rowid = ?",
            (search_query.OPEN, search_query.CLOSE, expression, number),
        ).fetchone()
        entry = self._entries[number]
        return Result(
            entry.kind,
            entry.title,
            entry.url,
            entry.heading,
            search_query.marked(text or entry.lead),
        )
