"""Rules for a release's model card, `model/releases/<version>/card.yaml`."""

from __future__ import annotations

import datetime
import hashlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import yaml

from app.handbook.documents import located_yaml
from app.handbook.documents.document_types import parse_date
from app.handbook.documents.located_yaml import Node
from app.handbook.rules import fairness_rules
from app.handbook.rules.finding import WARNING, Finding
from model.economics import GAP

CARD = "card.yaml"

PARTS = (
    *("name", "version", "date", "description"),
    *("intended_use.primary_uses", "intended_use.primary_users", "intended_use.out_of_scope"),
    *("factors.relevant_factors", "factors.evaluation_factors"),
    *("metrics.model_performance", "metrics.decision_thresholds.default"),
    "metrics.decision_thresholds.high_precision",
    "metrics.decision_thresholds.high_recall",
    *("training_data.dataset.name", "training_data.dataset.size"),
    *("training_data.dataset.time_period", "training_data.dataset.source"),
    *("training_data.preprocessing", "training_data.data_splits"),
    "evaluation_data.datasets",
    *("ethical_considerations.risks", "ethical_considerations.mitigations"),
    "caveats_and_recommendations",
    *("model_details.algorithm", "model_details.framework", "model_details.hyperparameters"),
    *("model_details.features.count", "model_details.features.types"),
    *("references.papers", "references.related_models"),
)
"""The keys of a card; a key without content is there, but empty."""

_LISTS = {
    ("metrics", "model_performance"): ("metric", "value"),
    ("evaluation_data", "datasets"): ("name", "size", "performance"),
}
_OURS = ("artifacts", "fairness")
_LOWER_IS_BETTER = re.compile(r"loss|brier|error")


def check(cards: Mapping[str, Path], today: datetime.date) -> Iterator[Finding]:
    """Yield findings of cards, by their paths in findings."""
    for path, file in cards.items():
        yield from check_file(file, path, today)


def check_file(file: Path, path: str, today: datetime.date) -> Iterator[Finding]:
    """Yield findings of one card.

    Args:
        file: of the card, beside the release's other files.
        path: of the card in findings.
        today: the date for which its date is judged.
    """
    root, faults = located_yaml.read(file)
    for fault in faults:
        yield Finding(path, fault.line, fault.rule, fault.message)
    if root is None:
        return
    yield from _gaps(path, root)
    card = located_yaml.get(root, "model_card")
    if card is None and located_yaml.get(root, "intended_use") is not None:
        # the prose, before a release adds the numbers
        yield from fairness_rules.check(file, path, root, today)
        return
    if card is None:
        yield Finding(path, 1, "card", "no mapping `model_card`: put everything under it")
        return
    yield from _parts(path, card)
    grouped = located_yaml.items(located_yaml.get(card, "factors", "evaluation_factors"))
    for name in _OURS if grouped else ("artifacts",):  # no groups, nothing to compare
        if located_yaml.is_empty(located_yaml.get(card, name)):
            yield Finding(path, located_yaml.line(card), "card", f"no `{name}`: add it", WARNING)
    yield from _lists(path, card)
    yield from _head(path, file.absolute().parent.name, card, today)
    yield from _metrics(path, card)
    yield from fairness_rules.check(file, path, card, today)
    yield from _artifacts(path, file.parent, card)


def gaps(file: Path) -> Iterator[Finding]:
    """Yield the texts of a card that people have yet to write."""
    root, _ = located_yaml.read(file)
    if root is not None:
        yield from _gaps(str(file), root)


def _gaps(path: str, node: Node, key: str = "") -> Iterator[Finding]:
    if isinstance(node, yaml.MappingNode):
        for name, below in node.value:
            yield from _gaps(path, below, f"{key}.{name.value}" if key else str(name.value))
    for below in located_yaml.items(node):
        yield from _gaps(path, below, key)
    text = located_yaml.text(node)
    if text.startswith(GAP):
        message = f"`{key}`: a gap to fill:{text.removeprefix(GAP)}"
        yield Finding(path, located_yaml.line(node), "gap", " ".join(message.split()))


def _parts(path: str, card: Node) -> Iterator[Finding]:
    missing = ""
    for part in PARTS:
        node, above = card, ""
        for name in part.split("."):
            below = located_yaml.get(node, name)
            if below is None:
                break
            node, above = below, f"{above}{name}."
        else:
            continue
        if above + name != missing:  # one finding for all that is missing below it
            missing = above + name
            yield Finding(path, located_yaml.line(node), "card", f"no `{missing}`: add it")


def _lists(path: str, card: Node) -> Iterator[Finding]:
    for keys, names in _LISTS.items():
        node = located_yaml.get(card, *keys)
        if node is None:
            continue
        place = ".".join(keys)
        if not located_yaml.items(node):
            message = f"`{place}` is not a list: give each entry its {', '.join(names)}"
            yield Finding(path, located_yaml.line(node), "card", message)
        for item in located_yaml.items(node):
            for name in names:
                if located_yaml.is_empty(located_yaml.get(item, name)):
                    message = f"an entry of `{place}` has no `{name}`: add it"
                    yield Finding(path, located_yaml.line(item), "card", message)


def _head(path: str, folder: str, card: Node, today: datetime.date) -> Iterator[Finding]:
    for name in ("name", "description"):
        node = located_yaml.get(card, name)
        if node is not None and located_yaml.is_empty(node):
            yield Finding(path, located_yaml.line(node), "card", f"`{name}` is empty: fill it in")
    version, date = located_yaml.get(card, "version"), located_yaml.get(card, "date")
    if version is not None and located_yaml.text(version) != folder:
        message = (
            f"{located_yaml.text(version)[:40]!r} is not the folder's name: correct one of them"
        )
        yield Finding(path, located_yaml.line(version), "version", message)
    if date is not None:
        day = parse_date(located_yaml.text(date))
        if day is None or day > today:
            message = "not a past date: write YYYY-MM-DD, the day of the release"
            yield Finding(path, located_yaml.line(date), "date", message)


def _metrics(path: str, card: Node) -> Iterator[Finding]:
    for item in located_yaml.items(located_yaml.get(card, "metrics", "model_performance")):
        name = located_yaml.text(located_yaml.get(item, "metric"))
        value, threshold = located_yaml.get(item, "value"), located_yaml.get(item, "threshold")
        for node in (value, threshold):
            if node is not None and _number(node) is None:
                message = f"{name}: {located_yaml.text(node)[:40]!r} is not a number: measure it"
                yield Finding(path, located_yaml.line(node), "metric", message)
        got, limit = _number(value), _number(threshold)
        if got is None or limit is None:
            continue
        if got > limit if _LOWER_IS_BETTER.search(name) else got < limit:
            message = f"{name}: {got:g} misses its threshold {limit:g}: it must not be released"
            yield Finding(path, located_yaml.line(item), "metric", message)


def _artifacts(path: str, folder: Path, card: Node) -> Iterator[Finding]:
    for item in located_yaml.items(located_yaml.get(card, "artifacts")):
        name = located_yaml.text(located_yaml.get(item, "file"))
        digest = located_yaml.text(located_yaml.get(item, "sha256"))
        try:
            data = (folder / name).read_bytes() if ".." not in name else None
        except (OSError, ValueError):
            data = None
        if data is None:
            message = f"there is no {name[:80] or 'file'} beside the card: make the release again"
        elif hashlib.sha256(data).hexdigest() != digest:
            message = f"{name} is not the file with this digest: make the release again"
        else:
            continue
        yield Finding(path, located_yaml.line(item), "artifact", message)


def _number(node: Node | None) -> float | None:
    if node is None or not node.tag.endswith((":int", ":float")):
        return None
    try:
        return float(located_yaml.text(node).replace("_", ""))
    except ValueError:
        return None
