"""The text of an experiment's file: prose by people, figures by the command."""

from __future__ import annotations

import datetime
from itertools import zip_longest
from typing import Any

import yaml

from app.handbook.documents.experiment_file import (
    DIGEST,
    FIGURES,
    Experiment,
    figures_digest,
    split_figures,
)
from model.economics import GAP
from model.fold_figures import DECIMALS

_HEAD = """\
# An experiment: question and verdict are written by people, everything under `figures` by
# `churn model experiment`. What is edited there is found by `churn handbook check`.
"""


class _Dumper(yaml.SafeDumper):
    """Writes each key on a line of its own, lists of numbers on one, and no exponents."""


def _number(dumper: yaml.SafeDumper, value: float) -> yaml.Node:
    digits = f"{value:.{DECIMALS}f}".rstrip("0")
    return dumper.represent_scalar(
        "tag:yaml.org,2002:float", digits + "0" if digits.endswith(".") else digits
    )


def _list(dumper: yaml.SafeDumper, values: list[Any]) -> yaml.Node:
    numbers = all(isinstance(value, float) for value in values)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", values, flow_style=numbers)


_Dumper.add_representer(float, _number)
_Dumper.add_representer(list, _list)


def new_text(
    title: str, question: str, date: datetime.date, owner: str, figures: dict[str, Any]
) -> str:
    """Return a new file's text; what people have yet to write is a marked gap."""
    prose = {
        "title": title,
        "question": question or f"{GAP} what do you want to know, and why?",
        "date": date,
        "owner": owner or f"{GAP} which team answers for it?",
        "verdict": f"{GAP} what follows from the figures, and what is done?",
        "decided_in": [],
    }
    text = yaml.safe_dump({"experiment": prose}, sort_keys=False, allow_unicode=True, width=100)
    return _HEAD + text.rstrip("\n") + figures_text(figures)


def with_figures(text: str, figures: dict[str, Any]) -> str:
    """Return a file's text with other figures; what people wrote stays as it is."""
    return split_figures(text)[0] + figures_text(figures)


def figures_text(figures: dict[str, Any]) -> str:
    """Return the figures as they end a file, with their digest."""
    written = yaml.dump(figures, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=88)
    lines = "\n".join(f"    {line}" for line in written.rstrip("\n").split("\n"))
    text = FIGURES + lines
    return f"{text}{DIGEST}{figures_digest(text)}\n"


def first_difference(before: str, after: str) -> str:
    """Name the first line of the figures that isn't as stated."""
    lines = zip_longest(before.split("\n"), after.split("\n"), fillvalue="")
    number, (stated, found) = next((n, p) for n, p in enumerate(lines, 1) if p[0] != p[1])
    return f"line {number} states {stated.strip()!r}, measured is {found.strip()!r}"


def in_a_line(one: Experiment) -> str:
    """Write the best, the simplest that it doesn't beat, and what that gains over the simplest."""
    winner, simplest = one.by_name[one.simplest_not_beaten], one.variants[0]
    loss = winner.log_loss.mean
    over = "the simplest"
    if winner != simplest:
        over = f"{simplest.log_loss.mean - loss:.4f} less than with {simplest.name}"
    names = f"best {one.best}, simplest not beaten {winner.name}"
    return f"{one.slug}: {names}: log loss {loss:.4f}, {over}"
