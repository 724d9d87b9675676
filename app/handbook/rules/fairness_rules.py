"""Rules for fairness in a model card: gaps between groups, their limits and exceptions."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from pathlib import Path

from app.handbook.documents import located_yaml
from app.handbook.documents.document_types import parse_date
from app.handbook.documents.located_yaml import Node
from app.handbook.rules.finding import WARNING, Finding

NOTICE = datetime.timedelta(days=30)
"""Before an exception expires: time enough to train, or to decide again."""


def check(file: Path, path: str, card: Node, today: datetime.date) -> Iterator[Finding]:
    """Yield findings of a card's gaps and exceptions.

    Args:
        file: of the card; a newer release beside its folder supersedes it.
        path: of the card in findings.
        card: the release's, or the prose.
        today: the date for which exceptions are judged.
    """
    named = located_yaml.items(located_yaml.get(card, "factors", "evaluation_factors"))
    factors = {located_yaml.text(factor) for factor in named}
    for gap in located_yaml.items(located_yaml.get(card, "fairness_gaps")):
        values = located_yaml.texts(gap)
        number, limit = _number(values.get("gap")), _number(values.get("limit"))
        if number is None or limit is None or number <= limit or values.get("exception"):
            continue
        what = f"{values.get('feature')}: {values.get('metric')}"
        message = (
            f"{what} differs by {number:g}, above its limit {limit:g}: it must not be released"
        )
        yield Finding(path, located_yaml.line(gap), "fairness", message)
    superseded = _superseded(file)
    for exception in located_yaml.items(located_yaml.get(card, "fairness_exceptions")):
        values, line = located_yaml.texts(exception), located_yaml.line(exception)
        what = f"the exception for {values.get('metric')} of {values.get('factor')}"
        if values.get("factor") not in factors:
            message = f"{what}: name one of factors.evaluation_factors"
            yield Finding(path, line, "fairness", message)
        day = parse_date(values.get("expires", ""))
        if day is None:
            message = f"{what}: its `expires` is not a date: write YYYY-MM-DD"
            yield Finding(path, line, "fairness", message)
        elif not superseded and day - NOTICE < today:
            when = "expired on" if day < today else "expires on"
            message = f"{what} {when} {day}: close the gap, or decide again in the next release"
            yield Finding(path, line, "fairness", message, WARNING)


def _superseded(file: Path) -> bool:
    """Whether a newer release is beside the card's own."""
    own = file.absolute().parent
    others = (card.parent.name for card in own.parent.glob("*/card.yaml"))
    return _version(own.name) < max(map(_version, others), default=[])


def _version(name: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", name)]


def _number(text: str | None) -> float | None:
    try:
        return float(text or "")
    except ValueError:
        return None
