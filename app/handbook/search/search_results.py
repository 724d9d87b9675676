"""What search looks through, and what it finds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup


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
    """Sentences."""

    code: str = ""
    """Commands and outputs; quoted only if nothing else has the word."""

    lead: str = ""
    """Sentences to quote if there is no body; they belong to another entry."""

    @property
    def merit(self) -> float:
        """Weight of a match here: runbooks count more, lists of links less."""
        if self.heading.lower() in ("related documents", "references"):
            return 0.5
        return {"runbook": 1.4, "page": 1.4, "problem": 1.1}.get(self.kind, 1.0)


@dataclass(frozen=True)
class Result:
    """A result; the snippet is safe HTML with its hits in `<mark>`."""

    kind: str
    title: str
    url: str
    heading: str
    snippet: Markup


@dataclass(frozen=True)
class Answer:
    """What a search found."""

    results: Sequence[Result] = ()

    corrected: str = ""
    """The words that were searched for instead, or empty."""

    some: bool = False
    """Whether no page has all of the words, and these have some."""
