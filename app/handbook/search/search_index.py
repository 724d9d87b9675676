"""Full-text search over everything that has a page: SQLite's FTS5, in memory.

What the reader typed never reaches FTS5 as syntax: its words are quoted. A word also matches longer
words that begin with it. If there are none, it is corrected (`spelling`).
"""

from __future__ import annotations

import sqlite3
import threading
from collections import Counter
from collections.abc import Iterable, Iterator

from app.handbook.search import pasted_log, search_query, snippets
from app.handbook.search.search_results import Answer, Result, SearchEntry
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
_TELLING = 8

_WEIGHTS = "bm25(10.0, 6.0, 4.0, 1.0, 1.0, 0.0)"
_COLUMNS = "names, title, heading, body, code, lead"
_QUOTED = 3
"""The first column that a snippet quotes, the others follow."""


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
            f"CREATE VIRTUAL TABLE page USING fts5({_COLUMNS}, prefix='2 3 4', "
            "tokenize='unicode61 remove_diacritics 2 separators ''_''')"
        )
        self._database.execute("INSERT INTO page(page, rank) VALUES('rank', ?)", (_WEIGHTS,))
        self._database.executemany(
            f"INSERT INTO page(rowid, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
            (row for entry in entries for row in self._rows(entry)),
        )
        self._database.execute("CREATE VIRTUAL TABLE word USING fts5vocab(page, row)")
        counts = self._database.execute("SELECT term, doc FROM word").fetchall()
        self._vocabulary = Vocabulary(dict(counts))

    def _rows(self, entry: SearchEntry) -> Iterator[tuple[int | str, ...]]:
        """Yield an entry's rows; a heading's entry doesn't repeat the page's title."""
        body, code, lead = map(search_query.clean, (entry.body, entry.code, entry.lead))
        title = "" if entry.heading else search_query.clean(entry.title)
        heads = search_query.split_names(entry.names), title, search_query.clean(entry.heading)
        for start in range(0, max(len(body), len(code), 1), _PIECE):
            # The pieces overlap, so that a word at the cut is whole in one of them.
            cut = slice(max(start - _OVERLAP, 0), start + _PIECE)
            yield len(self._entries), *heads, body[cut], code[cut], lead[:_PIECE]
            self._entries.append(entry)
            heads, lead = ("", "", ""), ""

    def search(self, query: str, *, literally: bool = False) -> Answer:
        """Return the best results for any text, the best first.

        Args:
            query: words, or a whole line of a log.
            literally: whether to correct nothing.
        """
        terms = search_query.terms(pasted_log.telling(query))
        if not terms:
            return Answer()
        found = []
        if len(terms) == 1 and len(terms[0][-1]) <= _SHORT:
            # Nearly every text has words that begin with two given letters, so search names first.
            found = self._match(f"{{names title heading}} : {search_query.phrase(terms[0])}")
        found = found or self._match(" AND ".join(map(search_query.phrase, terms)))
        if found or literally:
            return Answer(found)
        near = [[self._vocabulary.near(word) for word in term] for term in terms]
        if any(map(any, near)) and (corrected := self._corrected(terms, near)):
            return corrected
        telling = self._telling([word for term in terms for word in term])
        return Answer(self._match(" OR ".join(telling)) if telling else [], some=True)

    def _corrected(self, terms: list[list[str]], near: list[list[list[str]]]) -> Answer | None:
        """Search with the nearest words that exist, or with all near ones."""
        for most in (1, None):
            words = [
                [close[:most] or [word] for word, close in zip(term, closest, strict=True)]
                for term, closest in zip(terms, near, strict=True)
            ]
            found = self._match(" AND ".join(map(search_query.choices, words)))
            if found:
                shown = (" or ".join(choice) for term in words for choice in term)
                return Answer(found, " ".join(shown))
        return None

    def _telling(self, words: list[str]) -> list[str]:
        """Return the rarest words that texts have; a word in most texts says nothing."""
        uses = {word: self._vocabulary.uses(word) for word in words if len(word) > _SHORT}
        known = sorted((word for word in uses if uses[word] > 0), key=uses.__getitem__)
        kept = [word for word in known if uses[word] <= _COMMON][:_TELLING] or known[:1]
        return [search_query.phrase([word]) for word in kept]

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
        columns = ", ".join(f"highlight(page, {_QUOTED + i}, ?1, ?2)" for i in range(3))
        body, code, lead = self._database.execute(
            f"SELECT {columns} FROM page WHERE page MATCH ?3 AND rowid = ?4",  # noqa: S608
            (search_query.OPEN, search_query.CLOSE, expression, number),
        ).fetchone()
        entry = self._entries[number]
        if search_query.OPEN in code and search_query.OPEN not in body:
            snippet = snippets.command(code)
        else:
            snippet = snippets.sentences(body or lead)
        return Result(entry.kind, entry.title, entry.url, entry.heading, snippet)
