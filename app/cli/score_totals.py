"""What `churn score` tells of the files that it scored."""

from __future__ import annotations

from collections import Counter

import click

from app.bulk.parts.part import PartResult
from app.customers.files.read_summary import most_rejected, summary


class Totals:
    """Sums up the results of files.

    Args:
        path: where the bad rows are, for people.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.count = 0
        """Rejected rows."""
        self.rules: Counter[str] = Counter()
        self.scored = 0
        self.failed = 0
        """Files that couldn't be read."""
        self._told: set[str] = set()

    @property
    def most_rejected(self) -> bool:
        """Whether something is wrong with all of it."""
        return most_rejected(self.scored, self)

    def add(self, found: PartResult) -> None:
        """Add a result."""
        self.scored += found.scored
        self.count += found.rejected
        self.rules.update(found.rules)

    def tell_of(self, name: str, found: PartResult) -> None:
        """Say how a file was read, once if it is the same for all, and of ids that are repeated."""
        form = found.how.partition(": ")[2]
        if form not in self._told:
            self._told.add(form)
            click.echo(found.how, err=True)
        if found.repeated:
            ids = "id occurs" if found.repeated == 1 else "ids occur"
            click.echo(f"{name}: {found.repeated} {ids} more than once", err=True)

    def tell(self, *, err: bool) -> None:
        """Print the sum."""
        for line in summary(self.scored, "scored", self):
            click.echo(line, err=err)


def counts(found: PartResult) -> str:
    """Write the numbers of rows of one file."""
    return f"{found.read} read, {found.scored} scored, {found.rejected} rejected"
