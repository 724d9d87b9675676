"""Writes a release's model card as markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from app.handbook.card import card_page, card_tables, term_plots
from app.handbook.card.card_tables import Table, TableCell, words
from app.handbook.card.number_format import number, signed
from app.handbook.documents.experiment_file import Experiment
from app.releases.release_loader import Release


def text(release: Release, experiments: Sequence[Experiment]) -> str:
    """Return the card: each part of the file, every term and links to the experiments."""
    card = release.card
    parts = [f"# {card.get('name') or 'Churn model'} {release.version}"]
    if card.get("demonstration"):
        parts.append("A demonstration: trained on a published sample, not for real customers.")
    parts += [str(card["description"])] if card.get("description") else []
    parts.append("\n".join(_facts(card)))
    for key, title in card_page.sections(card, {}, experiments=bool(experiments)):
        parts.append(f"## {title}")
        if key == "terms":
            parts += _terms(release)
        elif key == "metrics":
            parts += _metrics(card)
        elif key == "experiments":
            links = (f"- [{e.title}]({e.url[1:]}.md): {e.simplest_not_beaten}" for e in experiments)
            parts.append("\n".join(links))
        else:
            parts += _value(card[key], 3)
    return "\n\n".join(parts) + "\n"


def _facts(card: dict[str, Any]) -> Iterator[str]:
    for key in ("date", "owner"):
        if key in card:
            yield f"- {words(key)}: {_line(card[key])}"
    if "decisions" in card:
        links = (f"[{path}]({path})" for path in card["decisions"])
        yield f"- Decisions: {', '.join(links)}"


def _terms(release: Release) -> Iterator[str]:
    yield (
        f"An intercept of {signed(release.scorecard.intercept)} log-odds and the effect of each "
        "feature, compared with the average customer."
    )
    counts = release.evaluation.get("training_rows_by_bin") or {}
    for plot in term_plots.plots(release.scorecard, release.contract, counts):
        yield f"### {plot.title}"
        rows = [[TableCell(label), *map(_number, others)] for label, *others in plot.table]
        yield table_text(Table(["Value", "Customers", "Effect", "Log-odds"], rows))


def _metrics(card: dict[str, Any]) -> Iterator[str]:
    columns = ["Metric", "Value", "95% interval", "Threshold"]
    rows = [
        [TableCell(m.label), _number(m.value), _number(m.interval), _number(m.threshold)]
        for m in card_page.metrics(card)
    ]
    if rows:
        yield table_text(Table(columns, rows))
    if policies := card_page.policies(card):
        yield "### Policies"
        yield table_text(policies)


def _value(value: Any, level: int) -> Iterator[str]:
    """Yield the blocks of any value: a mapping as headings, a list as bullets or a table."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield f"{'#' * min(level, 6)} {words(key)}"
            yield from _value(inner, level + 1)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        yield table_text(card_tables.table(value))
    elif isinstance(value, list):
        yield "\n".join(f"- {_line(item)}" for item in value)
    else:
        yield _line(value)


def table_text(table: Table) -> str:
    """Write a table as markdown."""
    rules = [" ---: " if cell.number else " --- " for cell in table.rows[0]]
    rows = [[f" {_cell(cell)} " for cell in row] for row in table.rows]
    heads = [f" {column} " for column in table.columns]
    return "\n".join(f"|{'|'.join(row)}|" for row in (heads, rules, *rows))


def _number(text: str) -> TableCell:
    return TableCell(text, number=True)


def _cell(cell: TableCell) -> str:
    return _line(cell.text + (f" ({cell.note})" if cell.note else "")).replace("|", r"\|")


def _line(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "not stated"}[value]
    return number(value) if isinstance(value, int | float) else " ".join(str(value).split())
