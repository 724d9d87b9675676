"""Says how a file was read, how many rows it had, and why rows were rejected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

from app.customers.files.header_matching import MAX_TOLD

MAX_RULES_SHOWN = 10


class Rejected(Protocol):
    """The bad rows: their number, how often each rule was broken, and where they are."""

    @property
    def count(self) -> int: ...  # noqa: D102 - as the class says
    @property
    def rules(self) -> Counter[str]: ...  # noqa: D102
    @property
    def path(self) -> Path | str: ...  # noqa: D102


def how_read(name: str, form: str, left_out: Sequence[str], blank_lines: int = 0) -> str:
    """Say in one line how a file was read and what was left out.

    Args:
        name: of the file.
        form: delimiter, encoding and so on.
        left_out: columns, in words.
        blank_lines: lines without a cell, which are no rows.
    """
    told = [*map(_one_line, left_out[:MAX_TOLD])]
    if len(left_out) > MAX_TOLD:
        told.append(f"{len(left_out) - MAX_TOLD} more columns")
    if blank_lines:
        told.append(f"{blank_lines} blank line{'s' * (blank_lines > 1)}")
    return f"{_one_line(name)}: read as {form}" + (f"; left out: {', '.join(told)}" if told else "")


def most_rejected(accepted: int, rejects: Rejected) -> bool:
    """Whether more than half of the rows were rejected: something is wrong with the whole file."""
    return rejects.count > accepted


def summary(accepted: int, done: str, rejects: Rejected) -> Iterator[str]:
    """Write the lines of the summary: the counts, and the rules if most rows broke one.

    Args:
        accepted: number of good rows.
        done: what was done with them, in a word.
        rejects: the others.
    """
    where = f" (see {_one_line(str(rejects.path))})" if rejects.count else ""
    yield f"{accepted + rejects.count} read, {accepted} {done}, {rejects.count} rejected{where}"
    if most_rejected(accepted, rejects):
        rules = rejects.rules.most_common()
        yield "More than half of the rows were rejected:"
        for rule, times in rules[:MAX_RULES_SHOWN]:
            yield f"  {times} {_one_line(rule)}"
        if len(rules) > MAX_RULES_SHOWN:
            yield f"  and {len(rules) - MAX_RULES_SHOWN} other reasons"


def _one_line(text: str) -> str:
    """Replace what a terminal doesn't print; names of files and in JSON can have line breaks."""
    return "".join(c if c.isprintable() else "?" for c in text)
