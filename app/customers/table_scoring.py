"""Scores somebody else's table in the same database; the result goes into a table of ours.

A row means what the same row of a CSV file would: its values go through the same checks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count

import sqlalchemy as sa

from app.customers.files.cell_table import TableRow
from app.customers.files.file_row import FileRow
from app.customers.files.header_matching import HeaderRules, Matched
from app.customers.files.kept_columns import hint
from app.customers.files.parquet_file import cell_text
from app.customers.files.row_checking import RowChecker
from app.customers.store import table_scores
from app.customers.store.database import Database
from app.customers.store.source_table import SourceTable, TableError, read_only, source_table
from app.customers.store.table_scores import TableScore
from app.customers.store.tables import scored_tables
from app.predictions.scorer import Scorer
from app.releases.release_loader import Release

AT_ONCE = 5000
"""Rows read, scored and written at a time."""


@dataclass
class ScoredTable:
    """The result; rows scored and rejected add up to the rows read.

    Attributes:
        name: of the table.
        scored: rows.
        rejected: rows with faults.
        rules: how often each rule was broken.
        left_out: columns of the table that weren't used.
        repeated: how many ids occur more than once.
        repeated_ids: the first of them.
    """

    name: str
    scored: int = 0
    rejected: int = 0
    rules: Counter[str] = field(default_factory=Counter)
    left_out: list[str] = field(default_factory=list)
    repeated: int = 0
    repeated_ids: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class TableScorer:
    """Scores tables by one release and policy.

    Attributes:
        database: has the tables.
        release: scores.
        scorer: of the release.
        policy: decides.
    """

    database: Database
    release: Release
    scorer: Scorer
    policy: str

    def score(self, written: str, id_column: str, step: Callable[[int], object]) -> ScoredTable:
        """Score a table as it is at one moment, and replace its result when all is scored.

        Args:
            written: the name of the table.
            id_column: its column with the id; empty for one of the usual names.
            step: called with the number of rows that were done.

        Raises:
            TableError: the table is missing, or lacks columns.
            TableInUseError: by another run.
            SQLAlchemyError: the database is down, or refuses.
        """
        with self.database.bulk() as reader, self.database.bulk() as writer:
            read_only(reader)
            with reader.begin(), writer.begin():
                table = source_table(reader, written)
                positions, matched = _matched(table, HeaderRules(self.release.contract, id_column))
                done = ScoredTable(table.name)
                used = {table.columns[at] for at in positions}
                done.left_out = [name for name in table.columns if name not in used]
                table_scores.begin(writer, table.name)
                batches = self._batches(table.rows(reader, positions, AT_ONCE), matched, done)
                with ThreadPoolExecutor(1) as pool:  # writes a batch while the next is scored
                    pending: Future[None] = pool.submit(lambda: None)
                    for scores in batches:
                        pending.result()
                        pending = pool.submit(table_scores.add, writer, table.name, scores)
                        step(len(scores))
                    pending.result()
                done.repeated, done.repeated_ids = table_scores.repeated(writer, table.name)
                writer.execute(sa.insert(scored_tables), self._about(done))
        return done

    def _batches(
        self, batches: Iterator[Sequence[Sequence[object]]], matched: Matched, done: ScoredTable
    ) -> Iterator[list[TableScore]]:
        check = RowChecker(HeaderRules(self.release.contract)).table(_Texts(), matched)
        numbers = count(1)
        for batch in batches:
            rows = [check(TableRow(next(numbers), [*map(cell_text, row)])) for row in batch]
            bad = [row for row in rows if row.features is None]
            done.rules.update(fault.broken for row in bad for fault in row.faults)
            done.rejected += len(bad)
            done.scored += len(rows) - len(bad)
            yield self._scores(rows)

    def _scores(self, rows: list[FileRow]) -> list[TableScore]:
        sound = [row.features for row in rows if row.features is not None]
        answers = iter(self.scorer.score_many(sound, self.policy, 0))
        scores = []
        for row in rows:
            if row.features is None:
                scores.append(TableScore(row.id, faults=row.reason))
                continue
            found = next(answers)
            low, high = found["unknown"]["range"] or (None, None)
            chance, said = found["churn_probability"], found["prediction"]
            scores.append(TableScore(row.id, chance, low, high, said))
        return scores

    def _about(self, done: ScoredTable) -> dict[str, object]:
        return {
            "table_name": done.name,
            "scored_at": datetime.now(UTC),
            "model_version": self.release.version,
            "scored_with": self.release.digests["scorecard.json"],
            "policy": self.policy,
            "scored": done.scored,
            "rejected": done.rejected,
        }


class _Texts:
    """The values of a database: numbers have decimal points."""

    decimal_commas: frozenset[int] = frozenset()


def _matched(table: SourceTable, rules: HeaderRules) -> tuple[list[int], Matched]:
    """Find the columns that matter; others are left out, as a table has many.

    Returns:
        Their positions in the table, and what they are.

    Raises:
        TableError: naming all faults.
    """
    alone = [rules.match([name]) for name in table.columns]
    positions = [at for at, found in enumerate(alone) if found.features or found.id is not None]
    columns = [table.columns[at] for at in positions]
    matched = rules.match(columns)
    others = [name for name in table.columns if name not in columns]
    no_id = f"no column {rules.id_column}"
    faults = [f + hint(rules.id_column, others) if f == no_id else f for f in matched.faults]
    for name in rules.contract.required:
        if name not in matched.features.values():
            faults.append(f"no column {name}, which is required{hint(name, others)}")
    if faults:
        raise TableError(f"{table.name}: {'; '.join(faults)}")
    return positions, matched
