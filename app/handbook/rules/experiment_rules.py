"""Rules for experiments: what people write is there, and the figures follow from their folds."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from app.handbook.documents import located_yaml
from app.handbook.documents.document_types import parse_date
from app.handbook.documents.experiment_file import (
    DIGEST,
    Experiment,
    Variant,
    figures_digest,
    files,
    named,
    read_experiment,
    split_figures,
)
from app.handbook.documents.located_yaml import Node
from app.handbook.rules import model_card_rules
from app.handbook.rules.finding import Finding
from model.fold_figures import FOLDS, compare, difference, over_folds

_AGAIN = "run churn model experiment --again {:03}"


def check(root: Path, today: datetime.date) -> Iterator[Finding]:
    """Yield findings of the experiments under a root."""
    listed = {file.relative_to(root).as_posix(): file for file in files(root)}
    yield from check_files(listed, root, today)


def check_files(listed: Mapping[str, Path], root: Path, today: datetime.date) -> Iterator[Finding]:
    """Yield findings of the experiments of one folder, by their paths in findings."""
    expected = 1
    for path, file in listed.items():
        yield from check_file(file, path, root, today)
        if name := named(file):
            if name[0] != expected:
                message = f"the next experiment is {expected:03}: number without gaps, each once"
                yield Finding(path, 1, "experiment-number", message)
            expected = name[0] + 1


def check_file(file: Path, path: str, root: Path, today: datetime.date) -> Iterator[Finding]:
    """Yield findings of one experiment.

    Args:
        file: of the experiment.
        path: of the file in findings.
        root: from which its links lead.
        today: the date for which its date is judged.
    """
    if not named(file):
        yield Finding(path, 1, "experiment-name", "name the file NNN-words-with-hyphens.yaml")
    node, faults = located_yaml.read(file)
    for fault in faults:
        yield Finding(path, fault.line, fault.rule, fault.message)
    if node is None:
        return
    yield from (replace(found, path=path) for found in model_card_rules.gaps(file))
    head = located_yaml.get(node, "experiment")
    if head is None:
        yield Finding(path, 1, "experiment", "no mapping `experiment`: put everything under it")
        return
    yield from _prose(path, head, root, today)
    found = read_experiment(file)
    if found:
        yield from _figures(path, head, found)
        yield from _digest(path, file, found)
    elif named(file):
        message = f"figures are missing or no numbers: {_AGAIN.format(int(file.name[:3]))}"
        place = located_yaml.get(head, "figures")
        yield Finding(path, located_yaml.line(place or head), "experiment", message)


def _prose(path: str, head: Node, root: Path, today: datetime.date) -> Iterator[Finding]:
    for key in ("title", "question", "owner", "verdict"):
        node = located_yaml.get(head, key)
        if node is None or located_yaml.is_empty(node):
            yield Finding(path, located_yaml.line(node or head), "gap", f"`{key}`: write it")
    date = located_yaml.get(head, "date")
    day = parse_date(located_yaml.text(date))
    if day is None or day > today:
        message = "not a past date: write YYYY-MM-DD, the day of the experiment"
        yield Finding(path, located_yaml.line(date or head), "date", message)
    for node in located_yaml.items(located_yaml.get(head, "decided_in")):
        link = located_yaml.text(node)
        if ".." in link or link.startswith("/") or not (root / link).is_file():
            message = f"decided_in: there is no {link[:80]}: correct the path, from the root"
            yield Finding(path, located_yaml.line(node), "link", message)


def _figures(path: str, head: Node, found: Experiment) -> Iterator[Finding]:
    """Recompute everything that follows from the folds."""
    figures = located_yaml.get(head, "figures")
    folds = [one.folds for v in found.variants for one in (v.log_loss, v.roc_auc)]
    values = [v.value for v in found.variants]
    faults = []
    if not folds or any(len(each) != FOLDS for each in folds):
        faults.append(f"variants: give each {FOLDS} folds of both measures")
    if values != sorted(set(values)):
        faults.append("variants: list them by rising value, the simplest first, each once")
    if faults:
        line = located_yaml.line(figures or head)
        yield from (Finding(path, line, "experiment-figures", fault) for fault in faults)
        return
    losses = {variant.name: variant.log_loss.folds for variant in found.variants}
    best, simplest = compare(losses)
    nodes = located_yaml.items(located_yaml.get(figures, "variants"))
    for variant, node in zip(found.variants, nodes, strict=True):
        for keys, stated, right in _stated(variant, losses[best]):
            if stated != right:
                what = f"{variant.name}: {': '.join(keys)} {stated}"
                yield _differs(path, located_yaml.get(node, *keys), what, right)
    for key, won, right in (
        ("best", found.best, best),
        ("simplest_not_beaten", found.simplest_not_beaten, simplest),
    ):
        if won != right:
            yield _differs(path, located_yaml.get(figures, key), f"{key} {won}", right)


def _stated(
    variant: Variant, best: Sequence[float]
) -> Iterator[tuple[tuple[str, str], object, object]]:
    """Yield keys, what a variant states there, and what follows from the folds."""
    for name, stated in (("log_loss", variant.log_loss), ("roc_auc", variant.roc_auc)):
        right = over_folds(stated.folds)
        yield (name, "mean"), stated.mean, right["mean"]
        yield (name, "interval"), list(stated.interval), right["interval"]
    gap = difference(variant.log_loss.folds, best)
    yield ("difference", "mean"), variant.difference, gap["mean"]
    yield ("difference", "standard_error"), variant.standard_error, gap["standard_error"]


def _differs(path: str, node: Node | None, what: str, right: object) -> Finding:
    line = located_yaml.line(node) if node else 1
    return Finding(path, line, "experiment-figures", f"{what}: by the folds it is {right}")


def _digest(path: str, file: Path, found: Experiment) -> Iterator[Finding]:
    prose, figures = split_figures(file.read_text("utf-8"))
    stated = figures.partition(DIGEST)[2].strip()
    if stated != figures_digest(figures):
        line = prose.count("\n") + 2
        message = f"figures: edited, or their sha256 is: {_AGAIN.format(found.number)}"
        yield Finding(path, line, "experiment-digest", message)
